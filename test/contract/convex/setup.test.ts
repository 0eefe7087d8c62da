/** `lockstep setup convex`, as a person runs it, and what it writes, as Convex takes it. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { convexTest } from 'convex-test'
import { type GenericSchema, makeFunctionReference, type SchemaDefinition } from 'convex/server'
import { expect, onTestFinished, test } from 'vitest'
import { commandHere, type Said } from '../../support/command-here.ts'

const ROOT = join(import.meta.dirname, '../../..')

const WRITTEN = [
  'convex/files.ts',
  'convex/lockstep/access.ts',
  'convex/lockstep/reading.ts',
  'convex/lockstep/record.ts',
  'convex/lockstep/tables.ts',
  'convex/lockstep/writing.ts',
]

class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'lockstep-convex-'))

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }))
    this.put('package.json', '{ "name": "app", "dependencies": { "convex": "^1.48.0" } }')
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), text)
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  has(path: string): boolean {
    return existsSync(join(this.folder, path))
  }

  run(...args: string[]): Promise<Said> {
    return commandHere(args, { cwd: this.folder, env: {} })
  }

  async report(...args: string[]) {
    const { code, stdout } = await this.run('setup', 'convex', '.', '--json', ...args)
    const { files, schema, ...rest } = JSON.parse(stdout) as {
      readonly files: readonly {
        readonly file: string
        readonly state: string
        readonly difference: string
      }[]
      readonly schema: { readonly state: string; readonly lines: readonly string[] }
    }
    return { code, states: new Set(files.map(({ state }) => state)), files, schema, rest }
  }
}

test('a project without functions gets them, a schema, and the next steps', async () => {
  const project = new Project()
  const { code, stdout, stderr } = await project.run('setup', 'convex', '.')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const file of [...WRITTEN, 'convex/schema.ts']) {
    expect(project.has(file), file).toBe(true)
    expect(stdout).toContain(file)
  }
  for (const step of [
    'npx convex dev',
    'npx convex env set CONVEX_SYNC_KEY',
    'CONVEX_URL=',
    'npx convex deploy',
  ])
    expect(stdout).toContain(step)
})

test('R3 run again it changes nothing, also where Git has changed the line ends', async () => {
  const project = new Project()
  await project.run('setup', 'convex', '.')
  project.put('convex/files.ts', project.read('convex/files.ts').replaceAll('\n', '\r\n'))
  const before = [...WRITTEN, 'convex/schema.ts'].map(file => project.read(file))
  const { code, states, schema } = await project.report()
  expect({ code, states: [...states], schema: schema.state }).toEqual({
    code: 0,
    states: ['unchanged'],
    schema: 'complete',
  })
  expect([...WRITTEN, 'convex/schema.ts'].map(file => project.read(file))).toEqual(before)
})

test('R1 a file that somebody has changed is shown and left alone, with all others, until --force', async () => {
  const project = new Project()
  await project.run('setup', 'convex', '.')
  const mine = project.read('convex/files.ts').replace('const HEADS_PAGE = 1_000', 'const HEADS_PAGE = 7')
  project.put('convex/files.ts', mine)
  rmSync(join(project.folder, 'convex/lockstep/access.ts'))
  const { code, stdout } = await project.run('setup', 'convex', '.')
  expect(code).toBe(3)
  expect(stdout).toMatch(/You have changed convex\/files\.ts/)
  expect(stdout).toMatch(/^ {2}-const HEADS_PAGE = 7$/m)
  expect(stdout).toMatch(/^ {2}\+const HEADS_PAGE = 1_000$/m)
  expect(stdout).toContain('--force')
  expect(project.read('convex/files.ts')).toBe(mine)
  expect(project.has('convex/lockstep/access.ts')).toBe(false)
  expect((await project.report('--force')).code).toBe(0)
  expect(project.read('convex/files.ts')).toContain('const HEADS_PAGE = 1_000')
})

test('what an older version has written is replaced without asking', async () => {
  const project = new Project()
  await project.run('setup', 'convex', '.')
  const { createHash } = await import('node:crypto')
  const [, mark] = /\n(\/\/ lockstep setup convex[^\n]*: )[0-9a-f]+\n$/.exec(project.read('convex/files.ts'))!
  const older = 'export {}\n'
  const digest = createHash('sha256').update(older).digest('hex').slice(0, 16)
  project.put('convex/files.ts', `${older}\n${mark}${digest}\n`)
  const { code, files } = await project.report()
  expect(code).toBe(0)
  expect(files.find(({ file }) => file === 'convex/files.ts')?.state).toBe('replaced')
})

test('functions of another making are never overwritten unasked', async () => {
  const project = new Project()
  project.put('convex/files.ts', 'export const list = 1\n')
  const { code, states, files } = await project.report()
  expect(code).toBe(3)
  expect(states.has('changed-by-you')).toBe(true)
  expect(files[0]?.difference).toContain('-export const list = 1')
  expect(project.read('convex/files.ts')).toBe('export const list = 1\n')
  expect(project.has('convex/schema.ts')).toBe(false)
})

const OWN_SCHEMA = `import { defineSchema, defineTable } from 'convex/server'
import { v } from 'convex/values'
// later: ...lockstepTables,
export default defineSchema({
  notes: defineTable({ text: v.string() }),
})
`

test('a schema of the user’s own is not touched; the lines that it needs are printed, and then accepted', async () => {
  const project = new Project()
  project.put('convex/schema.ts', OWN_SCHEMA)
  const { code, stdout } = await project.run('setup', 'convex', '.')
  expect(code).toBe(3)
  expect(project.read('convex/schema.ts')).toBe(OWN_SCHEMA)
  const { schema } = await project.report('--force')
  expect(project.read('convex/schema.ts')).toBe(OWN_SCHEMA)
  for (const line of schema.lines) expect(stdout).toContain(line)
  const [imported, table] = schema.lines
  project.put(
    'convex/schema.ts',
    `${imported}\n${OWN_SCHEMA.replace('defineSchema({', `defineSchema({\n  ${table}`)}`,
  )
  const after = await project.report()
  expect({ code: after.code, state: after.schema.state }).toEqual({ code: 0, state: 'complete' })
})

test('a schema with a table "files" of its own is reported', async () => {
  const project = new Project()
  project.put(
    'convex/schema.ts',
    'export default defineSchema({ ...lockstepTables, files: defineTable({}) })\n',
  )
  const { code, stdout } = await project.run('setup', 'convex', '.')
  expect(code).toBe(3)
  expect(stdout).toMatch(/defines a table "files" of its own/)
})

test('convex.json may put the functions elsewhere, and a project without the package is told to install it', async () => {
  const project = new Project()
  project.put('convex.json', '{ "functions": "backend/convex/" }')
  project.put('package.json', '{}')
  const { code, stdout } = await project.run('setup', 'convex', '.')
  expect(code).toBe(0)
  expect(project.has('backend/convex/files.ts')).toBe(true)
  expect(project.has('convex')).toBe(false)
  expect(stdout).toContain('npm install convex')
})

test('R12 wrong usage says what to do', async () => {
  const project = new Project()
  expect((await project.run('setup', 'convex')).code).toBe(2)
  const missing = await project.run('setup', 'convex', 'nowhere')
  expect(missing.code).toBe(2)
  expect(missing.stderr).toMatch(/no folder/)
  project.put('convex.json', '{')
  const broken = await project.run('setup', 'convex', '.')
  expect(broken.code).toBe(2)
  expect(broken.stderr).toMatch(/convex\.json.*not valid JSON/)
})

/** What `npx convex dev` writes for a new project (convex/src/cli/codegen_templates/tsconfig.ts). */
const CONVEX_TSCONFIG = {
  compilerOptions: {
    allowJs: true,
    strict: true,
    moduleResolution: 'Bundler',
    jsx: 'react-jsx',
    skipLibCheck: true,
    allowSyntheticDefaultImports: true,
    target: 'ESNext',
    lib: ['ES2023', 'dom'],
    forceConsistentCasingInFileNames: true,
    module: 'ESNext',
    isolatedModules: true,
    noEmit: true,
    types: [],
  },
  include: ['./**/*'],
  exclude: ['./_generated'],
}

test('what is written passes Convex’s own type check, in a new project and beside tables of the user’s own', async () => {
  const project = new Project()
  await project.run('setup', 'convex', '.')
  project.put('convex/tsconfig.json', JSON.stringify(CONVEX_TSCONFIG))
  symlinkSync(join(ROOT, 'node_modules'), join(project.folder, 'node_modules'), 'junction')
  const check = (): string => {
    try {
      return execFileSync(
        process.execPath,
        [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'convex', '--noEmit'],
        { cwd: project.folder, encoding: 'utf8', stdio: 'pipe' },
      )
    } catch (error) {
      return String((error as { readonly stdout?: unknown }).stdout)
    }
  }
  expect(check()).toBe('')
  project.put(
    'convex/schema.ts',
    `import { lockstepTables } from './lockstep/tables'\n${OWN_SCHEMA.replace('defineSchema({', 'defineSchema({\n...lockstepTables,')}`,
  )
  expect(check()).toBe('')
})

test('what is written runs: the schema it makes is the one that the functions need', async () => {
  const project = new Project()
  await project.run('setup', 'convex', '.')
  symlinkSync(join(ROOT, 'node_modules'), join(project.folder, 'node_modules'), 'junction')
  const load = (file: string): Promise<Record<string, unknown>> =>
    import(join(project.folder, 'convex', file))
  const schema = (await load('schema.ts'))['default'] as SchemaDefinition<GenericSchema, boolean>
  const functions = await load('files.ts')
  const deployment = convexTest({
    schema,
    modules: {
      './_generated/api.js': () => Promise.resolve({}),
      './files.ts': () => Promise.resolve(functions),
    },
  })
  const version = await deployment.query(makeFunctionReference<'query'>('files:version'), {})
  expect(version).toEqual({ product: 'lockstep', version: 1, access: 'none', missing: [] })
})

test('R17.2 functions that would lie outside of the project, or behind a link out of it, are not written', async () => {
  const project = new Project()
  const outside = mkdtempSync(join(tmpdir(), 'lockstep-convex-'))
  onTestFinished(() => rmSync(outside, { recursive: true, force: true }))
  project.put('convex.json', JSON.stringify({ functions: `../${basename(outside)}/convex` }))
  const named = await project.run('setup', 'convex', '.')
  expect(named.code).toBe(2)
  expect(named.stderr).toContain('lies outside of the project')
  project.put('convex.json', '{}')
  symlinkSync(outside, join(project.folder, 'convex'))
  const linked = await project.run('setup', 'convex', '.')
  expect(linked.code).toBe(2)
  expect(linked.stderr).toContain('leads out of the project')
  expect(readdirSync(outside)).toEqual([])
})
