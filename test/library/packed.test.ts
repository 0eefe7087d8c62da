/** What is published works elsewhere: the library with its types, the contract suite, and the example server. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { writeDocsCode } from '../support/docs-code.ts'
import { noteProcess } from '../support/orphans.ts'
import { until, within } from '../support/until.ts'
import { type Consumer, installPacked } from './packed.ts'

const root = join(import.meta.dirname, '..', '..')
const runFile = promisify(execFile)

let consumer: Consumer
beforeAll(() => {
  consumer = installPacked()
  consumer.write('package.json', '{ "name": "consumer", "type": "module" }')
})
afterAll(() => consumer.remove())

function node(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:FILE_SYNC_|LOCKSTEP_|NODE_|VITEST)/.test(name),
  )
  return runFile(process.execPath, args, {
    cwd: consumer.folder,
    env: { ...Object.fromEntries(inherited), ...env },
    maxBuffer: 16 * 2 ** 20,
  })
}

test('the library is imported from another folder, and knows no Electron', async () => {
  consumer.write(
    'import.mjs',
    `import { createFileSync, FileSync, AdapterError } from 'lockstep/sync'
     process.env.FILE_SYNC_ENABLED = 'false'
     const result = await createFileSync({ contentRoot: './data' })
     console.log(JSON.stringify([result, typeof FileSync, typeof AdapterError, 'electron' in process.versions]))`,
  )
  const { stdout } = await node(['import.mjs'])
  expect(JSON.parse(stdout)).toEqual([{ status: 'disabled' }, 'function', 'function', false])
})

const CONSUMER = `
import { createFileSync, FileSync } from 'lockstep/sync'
import type { FileChange, FileRecord, FileSyncAdapter, FileSyncResult, Unsubscribe } from 'lockstep/sync'
import { adapterContract, type AdapterHarness } from 'lockstep/adapter-contract'

declare const adapter: FileSyncAdapter
const result: FileSyncResult = await createFileSync({ contentRoot: './data' })
if (result.status === 'error') result.reason satisfies string
if (result.status === 'ready') {
  result.fileSync.conflictCount satisfies number
  result.fileSync.getConflictPaths() satisfies string[]
  result.sseEmitter.emitter.on('sync', event => {
    event.path satisfies string
    if (event.type === 'conflict-needs-llm') event.localSnippet satisfies string
  })
  await result.shutdown()
}
const options = { appId: 'a', ownerId: 'shared', contentRoot: './data', adapter, syncConfigPath: './c.json' }
const fileSync = new FileSync(options)
await fileSync.initFileSync()
await fileSync.initPrivateSync('ann')
await fileSync.stop()
// @ts-expect-error An adapter is needed.
new FileSync({ appId: 'a', ownerId: 'shared', contentRoot: './data' })
// @ts-expect-error What is inside stays inside.
new FileSync({ contentRoot: './data', env: {}, log: null })

export type Used = [FileChange, FileRecord, Unsubscribe, AdapterHarness, typeof adapterContract]
`

test.each(['bundler', 'nodenext'])('its declarations hold with %s resolution', async resolution => {
  consumer.write('consumer.ts', CONSUMER)
  const module = resolution === 'bundler' ? 'esnext' : 'nodenext'
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')]
  const args = [
    '--noEmit',
    '--strict',
    '--target',
    'es2024',
    '--module',
    module,
    '--moduleResolution',
    resolution,
  ]
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  await expect(node([tsc, ...args, ...types, '--skipLibCheck', 'consumer.ts'])).resolves.toMatchObject({
    stdout: '',
  })
})

test('the suite runs on the adapter of docs/adapters.md, as the page says', async () => {
  writeDocsCode('adapters.md', consumer.folder)
  const { stdout } = await node([
    '--test',
    '--test-reporter=tap',
    // The others are run in test/contract.
    '--test-name-pattern=/R4|R12|R13|F3/',
    'json-folder.test.mjs',
  ])
  const figure = (name: string): number => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(stdout)?.[1])
  expect(figure('fail')).toBe(0)
  expect(figure('pass')).toBeGreaterThan(8)
  expect(stdout).toContain('# SKIP the harness cannot cut the connection')
})

test('the example server runs with nothing changed but its import, and two of them share', async () => {
  const ports = await Promise.all(['one', 'two'].map(name => startServer(name)))
  const [one, two] = ports.map(port => `http://127.0.0.1:${port}`)
  expect(await (await fetch(`${one}/api/file-sync/status`)).json()).toEqual({
    enabled: true,
    connected: true,
    conflicts: 0,
  })
  const events = await fetch(`${two}/api/events`)
  consumer.write('one/data/hello.md', 'hello')
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  const listen = async (): Promise<void> => {
    while (!heard.includes('hello.md')) heard += (await reader.read()).value ?? ''
  }
  await within(listen(), 'the event of hello.md', () => heard)
  expect(heard).toContain('data: {"source":"sync","type":"updated","path":"data/hello.md"}')
  expect(readFileSync(join(consumer.folder, 'two/data/hello.md'), 'utf8')).toBe('hello')
  await reader.cancel()
})

/** The port that it listens on. */
async function startServer(name: string): Promise<number> {
  const folder = join(consumer.folder, name)
  cpSync(join(root, 'examples/server'), folder, { recursive: true })
  const env = {
    PATH: process.env['PATH'] ?? '',
    PORT: '0',
    LOCKSTEP_HOME: join(consumer.folder, 'home'),
    FILE_SYNC_SQLITE_PATH: '../servers.db',
  }
  const child = spawn(process.execPath, ['server.mjs'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  noteProcess(child)
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (some: string) => (said += some))
  child.stderr.setEncoding('utf8').on('data', (some: string) => (said += some))
  onTestFinished(() => end(child))
  await until(
    () => /listening on \d+/.test(said),
    `the server ${name} to listen`,
    () => said,
  )
  expect(said).toContain('file sync is ready')
  return Number(/listening on (\d+)/.exec(said)?.[1])
}

async function end(child: ChildProcess): Promise<void> {
  const code = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  expect(await within(code, 'the server to end')).toBe(0)
}
