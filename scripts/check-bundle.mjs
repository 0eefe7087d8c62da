/**
 * What is built must hold outside this folder: the command line, the library and the app's host never reach Electron,
 * need no package but the `dependencies` of package.json, and the library's types are there.
 */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { parseSync } from 'vite'
import { importsOf, packageOf } from './lib/imports.mjs'

const root = dirname(import.meta.dirname)
const main = join(root, 'out/main')
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const problems = []
const reached = new Map()
const ENTRIES = ['cli.js', 'sync.js', 'adapter-contract.js', 'merge-worker.js', 'host-process.js']
for (const entry of ENTRIES) walk(join(main, entry), entry)
checkPreload()
checkMigrations()
if (problems.length === 0) checkLibrary()

if (problems.length > 0) console.log(problems.join('\n'))
console.log(`${reached.size} files reachable from ${ENTRIES.join(', ')}`)
process.exitCode = problems.length > 0 || reached.size === 0 ? 1 : 0

/** Follows the imports of one built file. `way` says how it was reached. */
function walk(file, way) {
  if (reached.has(file)) return
  if (!existsSync(file)) {
    problems.push(`${way}: ${relative(root, file)} is missing`)
    return
  }
  reached.set(file, way)
  if (dirname(file) !== main) problems.push(`${way}: ${relative(root, file)} is not directly in out/main`)
  for (const specifier of importsOf(parseSync('chunk.js', readFileSync(file, 'utf8')).program)) {
    if (specifier.startsWith('.')) walk(join(dirname(file), specifier), `${way} → ${specifier}`)
    else if (/^electron(\/|$)/.test(specifier)) problems.push(`${way} imports electron`)
    else if (!isBuiltin(specifier) && dependencies[packageOf(specifier)] === undefined) {
      problems.push(`${way} imports ${specifier}, which is not in the dependencies of package.json`)
    }
  }
}

/** A sandboxed preload may require Electron and nothing else, and may not be an ES module. */
function checkPreload() {
  const files = globSync('out/preload/**/*.{js,cjs,mjs}', { cwd: root })
  if (files.length !== 1 || !files[0]?.endsWith('index.cjs')) {
    problems.push(`the preload must be the one file index.cjs, but there is ${files.join(', ') || 'none'}`)
    return
  }
  const code = readFileSync(join(root, files[0]), 'utf8')
  for (const specifier of importsOf(parseSync('chunk.js', code).program)) {
    if (specifier !== 'electron') problems.push(`the preload requires ${specifier}`)
  }
  if (/^(import|export)\b/m.test(code)) problems.push('the preload is an ES module')
}

function checkMigrations() {
  const files = folder => globSync('**/*.{sql,json}', { cwd: folder }).sort()
  const written = files(join(root, 'src/platform/state/migrations'))
  const shipped = files(join(main, 'migrations'))
  if (written.length === 0 || written.join() !== shipped.join()) {
    problems.push(`out/main/migrations holds [${shipped}], but the sources hold [${written}]`)
  }
}

/** Uses the library as another package does: by its name, with its types. */
function checkLibrary() {
  const consumer = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-consumer-')))
  const write = (name, content) => writeFileSync(join(consumer, name), content)
  try {
    mkdirSync(join(consumer, 'node_modules'))
    symlinkSync(root, join(consumer, 'node_modules/lockstep'), 'junction')
    write('package.json', JSON.stringify({ type: 'module' }))
    write(
      'consumer.ts',
      `import * as library from 'lockstep/sync'
import type { FileChange, FileRecord, FileSyncAdapter, Unsubscribe } from 'lockstep/sync'

export type Used = [FileChange, FileRecord, FileSyncAdapter, Unsubscribe, typeof library]
// @ts-expect-error Without declarations everything would be any, and this no error.
void library.thereIsNoSuchThing
`,
    )
    write(
      'run.mjs',
      `import * as library from 'lockstep/sync'\nif (Object.keys(library).length === 0) throw new Error('it exports nothing')\n`,
    )
    for (const [module, resolution] of [
      ['esnext', 'bundler'],
      ['nodenext', 'nodenext'],
    ]) {
      const options = [
        '--noEmit',
        '--strict',
        '--target',
        'es2024',
        '--types',
        '',
        '--skipLibCheck',
        '--module',
        module,
        '--moduleResolution',
        resolution,
      ]
      attempt(
        `its types with ${resolution} resolution`,
        [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'consumer.ts'],
        consumer,
      )
    }
    attempt('its code', ['run.mjs'], consumer)
  } finally {
    rmSync(consumer, { recursive: true, force: true })
  }
}

function attempt(what, args, cwd) {
  try {
    execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    problems.push(`the library as a package uses it, ${what}:\n${error.stdout}${error.stderr}`)
  }
}
