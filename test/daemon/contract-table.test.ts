/**
 * docs/contract.md against the real daemon: each procedure of the contract has its line there, takes what the line
 * says, and, pointed at what it must not touch, shows nothing of it and writes nothing but what the line says.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join, relative } from 'node:path'
import { ORPCError } from '@orpc/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { contract } from '../../src/contract/contract.ts'
import type { Daemon } from '../../src/daemon/serve.ts'
import { Browser, Ground } from './daemon.ts'
import { FakePrograms } from './fake-programs.ts'

type Takes = 'nothing' | 'folder' | 'file' | 'place'

interface Line {
  readonly procedure: string
  readonly takes: Takes
  /** First names within the project. */
  readonly writes: readonly string[]
}

const table = readTable()

let ground: Ground
let programs: FakePrograms
let daemon: Daemon
let browser: Browser
let project: string
let id: string

/** In every file that no answer may show. */
const CANARY = 'CANARY-7d1f'
const secret = `TOKEN=${CANARY}\n`

beforeAll(async () => {
  ground = new Ground()
  programs = new FakePrograms(ground)
  project = ground.project('project', { 'data/a.md': 'a\n' }, `SUPABASE_PUBLISHABLE_KEY=${CANARY}\n`)
  for (const path of ['data/.env', '.git/config', 'data/credentials.json', 'data/.ssh/id_rsa'])
    ground.write(`project/${path}`, secret)
  ground.write('outside/secret.md', secret)
  ground.write('outside/sub/secret.json', secret)
  ground.write('outside/.env', secret)
  ground.write('outside/package.json', `{ "name": "outside", "private": "${CANARY}" }\n`)
  symlinkSync('../../outside/secret.md', join(project, 'data/link.md'))
  symlinkSync('../../outside', join(project, 'data/linked'))
  mkdirSync(join(ground.folder, 'empty'))
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(ground.folder, 'fifo')])
  const env = { PATH: programs.folder, DISPLAY: ':0', HOME: join(ground.folder, 'empty') }
  daemon = await ground.start({ env: { ...ground.env, ...env } })
  browser = await Browser.enter(daemon)
  await browser.follow()
  id = (await browser.client.folders.add({ path: project })).id
  await browser.inStep(id)
})
afterAll(async () => {
  await browser.close()
  await daemon.close()
  ground.dispose()
})

const patterns = { shared: ['**'], private: [] }
const draft = {
  kind: 'drizzle',
  fields: { FILE_SYNC_SQLITE_PATH: { edit: 'set', value: 'other.db' } },
} as const
const convex = { kind: 'convex' } as const
const only = (path: string) => ({ folderId: id, token: 'x', only: [path] })
const file = (path: string) => ({ folderId: id, path })
const conflict = (path: string) => ({ ...file(path), channel: 'shared' })
const code = (path: string) => ({ path, hash: 'x', imports: [] })

/** How each procedure that takes a path is given one. What it asks for besides is in order. */
const attacks: Readonly<Record<string, (path: string) => object | Promise<object>>> = {
  'folders.add': path => ({ path }),
  'setup.browse': path => ({ path, showHidden: true }),
  'setup.inspect': path => ({ path }),
  'setup.previewPatterns': path => ({ target: { path }, patterns }),
  'setup.previewStart': path => ({ path, patterns, backend: draft }),
  'setup.start': async path => ({ path, patterns, backend: draft, token: await startToken(path) }),
  'setup.sample': path => ({ parent: path }),
  'plan.preview': path => ({ target: { path }, patterns, backend: draft }),
  'backend.values': path => ({ target: { path } }),
  'backend.test': path => ({ target: { path }, draft }),
  'backend.previewSave': path => ({ target: { path }, draft }),
  'backend.save': path => ({ target: { path }, draft, token: 'x' }),
  'backend.adapterCode': path => ({ target: { path }, draft: adapterAt('../outside/secret.md') }),
  'backend.trustAdapter': path => ({
    target: { path },
    draft: adapterAt('../outside/secret.md'),
    code: code(join(ground.folder, 'outside/secret.md')),
  }),
  'backend.writeSetupFiles': path => ({ target: { path }, ...convex }),
  'files.explain': file,
  'files.content': file,
  'files.history': file,
  'files.historyContent': path => ({ ...file(path), version: 1 }),
  'files.restore': path => ({ ...file(path), version: 1 }),
  'holds.approve': only,
  'holds.restore': only,
  'holds.exclude': only,
  'holds.content': file,
  'holds.allow': path => ({ ...file(path), hash: 'x' }),
  'conflicts.get': conflict,
  'conflicts.resolve': path => ({
    ...conflict(path),
    token: 'x',
    choice: { take: 'content', content: 'theirs' },
  }),
  'conflicts.resolveAlike': path => ({ ...conflict(path), take: 'remote' }),
  'shell.open': file,
  'shell.reveal': file,
}

function adapterAt(path: string): object {
  return { kind: 'custom', fields: { FILE_SYNC_ADAPTER: { edit: 'set', value: path } } }
}

async function startToken(path: string): Promise<string> {
  try {
    return (await browser.client.setup.previewStart({ path, patterns, backend: draft })).token
  } catch {
    return 'x'
  }
}

/** Of a folder that was added. */
const escapes = [
  '../outside/secret.md',
  'data/../../outside/secret.md',
  '..',
  '.',
  'data/./../.env',
  'data//a.md',
  'data/',
  '/etc/passwd',
  'OUTSIDE/secret.md',
  'data/link.md',
  'data/linked/secret.md',
  'data/linked/sub/secret.json',
  'data/linked',
  'data\\..\\..\\outside\\secret.md',
  'C:\\Windows\\win.ini',
  '\\\\server\\share\\x',
  'data/a.md\0.png',
  'data/a\n.md',
  'data/%2e%2e/%2e%2e/outside/secret.md',
]
const denied = [
  '.env',
  'data/.env',
  '.git/config',
  'data/credentials.json',
  'data/.ssh/id_rsa',
  'data/sync-config.json',
  'data/sync.db',
]
const odd = ['__proto__', 'constructor', 'package.json', 'data/none.md', 'data', '*', '**', '!data/**']
const files = [...escapes, ...denied, ...odd]

/** On this machine: no folders, and such as are nobody's project. */
const places = [
  'FOLDER/outside/secret.md',
  'FOLDER/outside/.env',
  'FOLDER/fifo',
  'FOLDER/none',
  'FOLDER/outside\0',
  'FOLDER/project/data/link.md',
  '/dev/null',
  '/dev/zero',
  '/etc/passwd',
  '/proc/self/environ',
  '/proc/self/fd/0',
  '../../../outside/none',
  '~',
  '--help',
  'FOLDER/outside',
  'FOLDER/project/data/linked',
  'FOLDER/empty',
]

test('each procedure of the contract has its line, and takes what it says', () => {
  const found = proceduresOf(contract)
  expect(table.map(({ procedure }) => procedure).sort()).toEqual([...found.keys()].sort())
  expect(table.map(({ procedure, takes }) => [procedure, takes])).toEqual(
    table.map(({ procedure }) => [procedure, takenBy(found.get(procedure))]),
  )
  const pointed = table.filter(({ takes }) => takes === 'file' || takes === 'place')
  expect(Object.keys(attacks).sort(), 'an attack for each').toEqual(
    pointed.map(line => line.procedure).sort(),
  )
})

describe('R11 pointed at a file that is none of its own', () => {
  test.each(linesThat('file'))('$procedure shows nothing and writes nothing', async line => {
    const before = treeOf(ground.folder)
    for (const path of files) {
      const answer = await ask(line, path.replace('OUTSIDE', join(ground.folder, 'outside')))
      expect(answer.text, path).not.toContain(CANARY)
      expect(answer.text, path).not.toContain('root:')
    }
    expect(changes(before, treeOf(ground.folder))).toEqual([])
    for (const opened of programs.opened()) expect(opened.startsWith(project), opened).toBe(true)
  })

  test('what leads out is refused by whatever shows or opens a file', async () => {
    const shown = table.filter(({ procedure }) =>
      ['files.content', 'shell.open', 'shell.reveal'].includes(procedure),
    )
    expect(shown).toHaveLength(3)
    for (const line of shown)
      for (const path of escapes) {
        const { outcome } = await ask(line, path)
        expect(['REFUSED', 'NOT_FOUND', 'null'], `${line.procedure} ${path}`).toContain(outcome)
      }
    for (const path of denied)
      expect((await ask(lineOf('files.content'), path)).outcome, path).toBe('REFUSED')
  })
})

describe('R11 pointed at a place that is no folder, or nobody’s project', () => {
  test.each(linesThat('place'))('$procedure shows no content and writes no more than it says', async line => {
    const written = new Set<string>()
    for (const place of places) {
      const path = place.replace('FOLDER', ground.folder)
      const before = treeOf(ground.folder)
      const answer = await ask(line, path)
      expect(answer.text, place).not.toContain(CANARY)
      expect(answer.text, place).not.toContain('root:')
      const isFolder = ['outside', 'linked', 'empty'].some(name => place.endsWith(name))
      if (!isFolder) expect(answer.isError, `${place}: ${answer.text}`).toBe(true)
      for (const changed of changes(before, treeOf(ground.folder))) {
        const name = changed.split('/').at(-1) ?? ''
        const isTold = line.writes.some(told => isNamed(changed, told)) || name === 'data'
        expect(isTold, `${line.procedure} has written ${changed}`).toBe(true)
        written.add(changed)
      }
      await forgetOthers()
    }
    // Where a person may point, it does its work: what is refused above is refused for what it is.
    if (['setup.start', 'setup.sample'].includes(line.procedure)) expect(written.size).toBeGreaterThan(0)
  })
})

interface Answer {
  readonly text: string
  readonly isError: boolean
  /** The error's code; `null` for an answer that has nothing. */
  readonly outcome: string
}

/** No answer may be an error without a name: that would be one that nobody has thought of. */
async function ask({ procedure }: Line, path: string): Promise<Answer> {
  const call = procedure
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], browser.client)
  const input = await attacks[procedure]!(path)
  try {
    const answer = await (call as (input: object) => Promise<unknown>)(input)
    const text = JSON.stringify(isStream(answer) ? await eventsOf(answer) : answer) ?? 'null'
    return {
      text,
      isError: /"status":"failed"/.test(text),
      outcome: text.includes('null') ? 'null' : 'answer',
    }
  } catch (error) {
    if (!(error instanceof ORPCError)) throw error
    expect(error.code, `${procedure} ${path}`).not.toBe('INTERNAL_SERVER_ERROR')
    return { text: JSON.stringify(error), isError: true, outcome: String(error.code) }
  }
}

async function eventsOf(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const events: unknown[] = []
  for await (const event of stream) events.push(event)
  return events
}

function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
}

/** What an attack has added is no part of the next one. */
async function forgetOthers(): Promise<void> {
  const { state } = await browser.client.state.get()
  for (const folder of state.folders)
    if (folder.id !== id) await browser.client.folders.remove({ id: folder.id })
}

/** Each file below with its content, but for what is the daemon's own and what the engine keeps in step. */
function treeOf(top: string): ReadonlyMap<string, string> {
  const tree = new Map<string, string>()
  for (const entry of readdirSync(top, { recursive: true, withFileTypes: true })) {
    const path = relative(top, join(entry.parentPath, entry.name))
    if (/^(?:home|opened\.txt|programs|pages)(?:\/|$)|(?:^|\/)(?:sync|other)\.db/.test(path)) continue
    const place = join(top, path)
    tree.set(path, entry.isFile() ? readFileSync(place, 'utf8') : String(lstatSync(place).mode))
  }
  return tree
}

function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const all = new Set([...before.keys(), ...after.keys()])
  return [...all].filter(path => before.get(path) !== after.get(path)).sort()
}

function isNamed(path: string, told: string): boolean {
  return path
    .split('/')
    .some(name => (told.endsWith('*') ? name.startsWith(told.slice(0, -1)) : name === told))
}

function linesThat(takes: Takes): Line[] {
  return table.filter(line => line.takes === takes)
}

function lineOf(procedure: string): Line {
  return table.find(line => line.procedure === procedure)!
}

function readTable(): Line[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/contract.md'), 'utf8')
  return [...text.matchAll(/^\| `([\w.]+)` *\| (\w+) *\| ([^|]*)\|/gm)].map(
    ([, procedure = '', takes = '', writes = '']) => ({
      procedure,
      takes: takes as Takes,
      writes: [...writes.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    }),
  )
}

interface Procedure {
  readonly '~orpc': { readonly inputSchema?: z.ZodType }
}

function proceduresOf(value: object, name = ''): Map<string, Procedure> {
  if ('~orpc' in value) return new Map([[name, value as Procedure]])
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [
      ...proceduresOf(inner as object, name === '' ? key : `${name}.${key}`),
    ]),
  )
}

/** What its input can point at, as words.ts describes it. */
function takenBy(procedure: Procedure | undefined): Takes {
  const schema = procedure?.['~orpc'].inputSchema
  const text = schema === undefined ? '' : JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))
  const kinds = ['file', 'place', 'folder'] as const
  return kinds.find(kind => text.includes(`"description":"${kind}"`)) ?? 'nothing'
}
