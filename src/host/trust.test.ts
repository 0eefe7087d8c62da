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
import { beforeEach, expect, onTestFinished, test } from 'vitest'
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
  expect(requireTrust(load(), env)).toMatchObject({ hash: trust.hash })
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
