import { hash } from 'node:crypto'
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadCustomAdapter } from './load.ts'

const METHODS =
  'query: async () => [], get: async () => null, set: async () => {}, delete: async () => {}, subscribe: () => () => {}'
const mask = (text: string): string => text.replaceAll('s3cret', '•••')

const OPTIONS = { appId: 'app', userId: null, project: '/p', contentRoot: '/p/data', env: { DB: 'here' } }

let folder: string
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-custom-')))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function load(code: string, extension = 'mjs') {
  const path = join(folder, `adapter-${files++}.${extension}`)
  writeFileSync(path, code)
  return loadAgreed(path)
}

function loadAgreed(...paths: readonly string[]) {
  const agreed = paths.map(path => ({ path, hash: hash('sha256', readFileSync(path), 'hex') }))
  return loadCustomAdapter({ code: { files: agreed }, options: OPTIONS }, mask)
}

test.each([
  ['a factory', `export default options => ({ ${METHODS}, options })`, 'mjs'],
  ['a factory that gives a promise', `export default async options => ({ ${METHODS}, options })`, 'mjs'],
  [
    'a class',
    `export default class { constructor(options) { Object.assign(this, { ${METHODS}, options }) } }`,
    'mjs',
  ],
  ['CommonJS', `module.exports = options => ({ ${METHODS}, options })`, 'cjs'],
  [
    'TypeScript',
    `type Options = { appId: string }; export default (options: Options) => ({ ${METHODS}, options })`,
    'ts',
  ],
])('%s as the default export makes the adapter, and is given the options', async (_, code, extension) => {
  const adapter = await load(code, extension)
  expect(await adapter.query('app', 'shared')).toEqual([])
  expect(adapter).toHaveProperty('options', OPTIONS)
})

test('an edited module is loaded anew', async () => {
  const path = join(folder, 'edited.mjs')
  const edit = (name: string): void =>
    writeFileSync(path, `export default () => ({ ${METHODS}, name: '${name}' })`)
  edit('first')
  expect(await loadAgreed(path)).toMatchObject({ name: 'first' })
  edit('second')
  expect(await loadAgreed(path)).toMatchObject({ name: 'second' })
})

test.each([
  ['no default export', 'export const adapter = 1', /no default export/],
  ['an object', `export default { ${METHODS} }`, /is no function/],
  [
    'a missing method',
    'export default () => ({ query() {}, get() {} })',
    /no set\(\), delete\(\), subscribe\(\)/,
  ],
  ['nothing made', 'export default () => {}', /undefined/],
  ['a syntax error', 'export default (', /cannot be loaded/],
  [
    'an error while it is made',
    `export default () => { throw new Error('no such server') }`,
    /no such server\./,
  ],
  [
    'a rejected promise',
    `export default async () => { throw new Error('no such server') }`,
    /cannot be made/,
  ],
])('R12 %s is an error that says so', async (_, code, reason) => {
  const loading = load(code)
  await expect(loading).rejects.toMatchObject({ name: 'AdapterError', code: 'invalid', retryable: false })
  await expect(loading).rejects.toThrow(reason)
})

test('R17.8 a module that cannot be loaded shows no secret', async () => {
  await expect(load(`throw new Error('s3cret')`)).rejects.toThrow(/cannot be loaded: •••/)
})
