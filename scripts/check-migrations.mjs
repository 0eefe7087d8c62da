/** Proves that the SQL migrations say what the schema says: drizzle-kit has nothing to add to a copy of them. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = dirname(import.meta.dirname)
const schema = join(root, 'src/platform/state/schema.ts')
const migrations = join(root, 'src/platform/state/migrations')

/** Long for drizzle-kit, short for a question that nobody answers, in ms. */
const patience = 60_000

const written = existsSync(migrations) ? contents(migrations) : new Map()
if (!existsSync(schema)) fail('there is no src/platform/state/schema.ts')
else if (written.size === 0) fail('there are no migrations in src/platform/state/migrations')
else await compare()

async function compare() {
  // Inside the project, for drizzle-kit takes `out` as relative to the folder it runs in.
  const copy = mkdtempSync(join(root, 'node_modules', 'migrations-'))
  try {
    cpSync(migrations, copy, { recursive: true })
    const output = await generate(relative(root, copy))
    const differing = [...contents(copy)].filter(([file, content]) => written.get(file) !== content)
    // Its exit code says nothing: it is 0 even when a question finds nobody to answer it.
    if (differing.length === 0 && output.includes('No schema changes')) {
      console.log(`${written.size} files of migrations, in step with the schema`)
    } else {
      fail(
        `${output}\nThe schema has changed since the last migration: run 'npx drizzle-kit generate' and keep what it writes.`,
      )
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** What drizzle-kit prints. @returns {Promise<string>} */
function generate(out) {
  const bin = join(root, 'node_modules/drizzle-kit/bin.cjs')
  const args = [
    bin,
    'generate',
    '--dialect',
    'sqlite',
    '--schema',
    'src/platform/state/schema.ts',
    '--out',
    out,
  ]
  return new Promise(done => {
    const options = { cwd: root, timeout: patience }
    const child = execFile(process.execPath, args, options, (_error, stdout, stderr) => done(stdout + stderr))
    // A renamed column makes it ask. There is nobody to answer, and a change it is in any case.
    child.stdin?.end()
  })
}

function contents(folder) {
  const files = globSync('**/*.{sql,json}', { cwd: folder })
  return new Map(files.map(file => [file, readFileSync(join(folder, file), 'utf8')]))
}

function fail(reason) {
  console.log(reason)
  process.exitCode = 1
}
