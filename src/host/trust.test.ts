import { hash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { EngineAdapter } from '../engine/ports/adapter.ts'
import { openProjectAdapter } from './open-adapter.ts'
import { loadProject } from './project.ts'
import { adapterTrust, requireTrust, trustAdapter } from './trust.ts'

let top: string
let env: Record<string, string>
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-trust-')))
  onTestFinished(() => rmSync(top, { recursive: true, force: true }))
  env = { LOCKSTEP_HOME: join(top, 'home') }
  write('a/data/sync-config.json', '{ "syncFilePatterns": ["data/**"] }')
  write('a/.env', 'FILE_SYNC_BACKEND=custom\nFILE_SYNC_ADAPTER=lib/adapter.mjs\n')
  write('a/lib/adapter.mjs', 'export default () => ({})\n')
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(top, path)), { recursive: true })
  writeFileSync(join(top, path), text)
}

function agree(): void {
  trustAdapter(load(), env, adapterTrust(load(), env)!)
}

const load = (name = 'a') => loadProject(join(top, name), env)
const isTrusted = (name = 'a') => adapterTrust(load(name), env)?.isTrusted
const sha256 = (path: string): string => hash('sha256', readFileSync(join(top, path)), 'hex')

test('code is not trusted until a person agrees to its hash', () => {
  const trust = adapterTrust(load(), env)!
  expect(trust).toEqual({
    path: join(top, 'a/lib/adapter.mjs'),
    hash: sha256('a/lib/adapter.mjs'),
    imports: [],
    isTrusted: false,
  })
  expect(() => requireTrust(load(), env)).toThrow(trust.hash)
  expect(() => requireTrust(load(), env)).toThrow(/--trust-adapter/)
  agree()
  expect(isTrusted()).toBe(true)
  expect(requireTrust(load(), env)?.files).toEqual([{ path: trust.path, hash: trust.hash }])
})

test('a changed file asks again, and the former one need not be agreed to anew', () => {
  agree()
  write('a/lib/adapter.mjs', 'export default () => ({ changed: true })\n')
  expect(isTrusted()).toBe(false)
  expect(() => requireTrust(load(), env)).toThrow(sha256('a/lib/adapter.mjs'))
  write('a/lib/adapter.mjs', 'export default () => ({})\n')
  expect(isTrusted()).toBe(true)
})

test('what it imports by relative paths is agreed to with it, however deep', () => {
  write('a/lib/adapter.mjs', `import x from './db.mjs'\nimport 'node:fs'\nexport default () => x\n`)
  write('a/lib/db.mjs', `export * from "../more/query%20s.mjs"; const y = await import(\`./late.mjs\`)\n`)
  write(
    'a/more/query s.mjs',
    `import { createRequire } from 'node:module'; createRequire(import.meta.url)('./cjs')\n`,
  )
  write('a/lib/late.mjs', `import './adapter.mjs'\n`)
  const trust = adapterTrust(load(), env)!
  expect(trust.imports.map(file => file.path).toSorted()).toEqual(
    ['a/lib/db.mjs', 'a/lib/late.mjs', 'a/more/query s.mjs'].map(path => join(top, path)).toSorted(),
  )
  agree()
  expect(isTrusted()).toBe(true)
  write('a/more/query s.mjs', 'process.exit()\n')
  expect(isTrusted()).toBe(false)
})

describe('R10.11 what is loaded is what was agreed to', () => {
  const METHODS =
    'query: async () => [], get: async () => null, set: async () => {}, delete: async () => {}, subscribe: () => () => {}'

  /** `ran` is what the module's own files have said so far. */
  async function open(): Promise<{ ran: string[]; adapter: EngineAdapter }> {
    const ran: string[] = []
    vi.stubGlobal('ran', ran)
    onTestFinished(() => void vi.unstubAllGlobals())
    return { ran, adapter: await openProjectAdapter(load(), env) }
  }

  function writeAdapter(head: string, query = 'async () => []'): void {
    write('a/lib/adapter.mjs', `${head}\nexport default () => ({ ${METHODS}, query: ${query} })\n`)
  }

  /** What loads a file in a way of its own, and the file. */
  const WAYS: readonly (readonly [string, string, string])[] = [
    ['an import by a name of package.json', `import '#db'`, 'lib/db.mjs'],
    ['a pattern of package.json', `import '#lib/db.mjs'`, 'lib/db.mjs'],
    [
      'createRequire',
      `import { createRequire } from 'node:module'; createRequire(import.meta.url)('./db.cjs')`,
      'lib/db.cjs',
    ],
    ['a computed import()', `await import('./d' + 'b.mjs')`, 'lib/db.mjs'],
    [
      'a computed require()',
      `import { createRequire } from 'node:module'; createRequire(import.meta.url)('./d' + 'b')`,
      'lib/db.js',
    ],
    ['its own package name', `import 'story/db'`, 'lib/db.mjs'],
    ['TypeScript', `import './db.ts'`, 'lib/db.ts'],
    ['a link', `import './link.mjs'`, 'lib/db.mjs'],
  ]

  test.each(WAYS)('%s', async (_, head, file) => {
    const map = {
      name: 'story',
      imports: { '#db': { import: './lib/db.mjs' }, '#lib/*': './lib/*' },
      exports: { './db': './lib/db.mjs' },
    }
    write('a/package.json', JSON.stringify(map))
    write(`a/${file}`, `globalThis.ran.push('first')\n`)
    symlinkSync('db.mjs', join(top, 'a/lib/link.mjs'))
    writeAdapter(head)
    agree()
    // What its text does not name is refused when it is loaded, and asked about from then on.
    const { ran } = await open().catch((error: unknown) => {
      expect(String(error)).toContain(`${join(top, 'a', file)} is code that nobody has agreed to run`)
      expect(() => requireTrust(load(), env)).toThrow(`it now loads ${join(top, 'a', file)}`)
      agree()
      return open()
    })
    expect(ran).toEqual(['first'])
    expect(load().rules.classify(file)).toMatchObject({ kind: 'denied' })

    write(`a/${file}`, `globalThis.ran.push('changed')\n`)
    await expect(open()).rejects.toThrow(
      `${join(top, 'a', file)} (SHA-256 ${sha256(`a/${file}`)}) has changed`,
    )
    agree()
    expect((await open()).ran).toEqual(['changed'])
  })

  test('a file that changes between the look and the load is refused', async () => {
    write('a/lib/late.mjs', `globalThis.ran.push('read')\n`)
    writeAdapter('', `async () => { await import('./late.mjs'); return [] }`)
    agree()
    const { ran, adapter } = await open()
    write('a/lib/late.mjs', `globalThis.ran.push('not read by anybody')\n`)
    await expect(adapter.query('app', 'shared')).rejects.toThrow(/late\.mjs has changed since/)
    expect(ran).toEqual([])
  })

  test('packages are for those who install them, and what a package links to is not', async () => {
    write('a/node_modules/pkg/index.js', `globalThis.ran.push('package')\n`)
    writeAdapter(`import 'pkg'`)
    agree()
    expect((await open()).ran).toEqual(['package'])
    write('a/packages/mine/index.js', `globalThis.ran.push('workspace')\n`)
    symlinkSync('../packages/mine', join(top, 'a/node_modules/mine'))
    writeAdapter(`import 'mine'`)
    agree()
    await expect(open()).rejects.toThrow(/packages\/mine\/index\.js is code that nobody has agreed to run/)
  })

  test('what the program around it loads is none of its matter', async () => {
    writeAdapter('')
    agree()
    const { ran } = await open()
    write('a/lib/of-the-server.mjs', `globalThis.ran.push('server')\n`)
    await import(/* @vite-ignore */ pathToFileURL(join(top, 'a/lib/of-the-server.mjs')).href)
    expect(ran).toEqual(['server'])
  })
})

test('R10.11 no file of an adapter syncs, with another backend and without an agreement too', () => {
  write('a/.env', 'FILE_SYNC_ADAPTER=lib/adapter.mjs\n')
  write('a/lib/adapter.mjs', `import './db.mjs'\nexport default () => ({})\n`)
  write('a/lib/db.mjs', '')
  const { rules } = load()
  expect(
    ['lib/adapter.mjs', 'LIB/adapter.mjs', 'lib/db.mjs'].map(path => rules.classify(path)),
  ).toMatchObject(
    Array.from({ length: 3 }, () => ({ kind: 'denied', entry: { category: "sync's own files" } })),
  )
  expect(rules.classify('lib/other.mjs')).toMatchObject({ kind: 'unmatched' })
})

test('an agreement is for one project, one file and what was shown', () => {
  agree()
  write('b/data/sync-config.json', '{ "syncFilePatterns": ["data/**"] }')
  write('b/.env', 'FILE_SYNC_BACKEND=custom\nFILE_SYNC_ADAPTER=../a/lib/adapter.mjs\n')
  expect(isTrusted('b')).toBe(false)

  const shown = adapterTrust(load('b'), env)!
  write('a/lib/adapter.mjs', 'export default () => ({ changed: true })\n')
  expect(() => trustAdapter(load('b'), env, shown)).toThrow(/has changed/)
  expect(isTrusted('b')).toBe(false)
})

test('a link is followed: another target is another file', () => {
  write('a/evil.mjs', 'export default () => process.exit()\n')
  write('a/.env', 'FILE_SYNC_BACKEND=custom\nFILE_SYNC_ADAPTER=link.mjs\n')
  symlinkSync('lib/adapter.mjs', join(top, 'a/link.mjs'))
  agree()
  expect(isTrusted()).toBe(true)
  rmSync(join(top, 'a/link.mjs'))
  symlinkSync('evil.mjs', join(top, 'a/link.mjs'))
  expect(isTrusted()).toBe(false)
})

test('agreements that cannot be read are none', () => {
  agree()
  write('home/trusted-adapters.json', '[{"project": 1}, "x"')
  expect(isTrusted()).toBe(false)
  agree()
  expect(isTrusted()).toBe(true)
})

test.each([
  ['nothing-there.mjs', /there is no file nothing-there\.mjs/],
  ['lib', /lib is a folder/],
])('R12 FILE_SYNC_ADAPTER=%s is an error that says what to do', (path, reason) => {
  write('a/.env', `FILE_SYNC_BACKEND=custom\nFILE_SYNC_ADAPTER=${path}\n`)
  expect(() => adapterTrust(load(), env)).toThrow(reason)
})

test('another backend runs no code of the project', () => {
  write('a/.env', '')
  expect(adapterTrust(load(), env)).toBeNull()
})
