/** bin/lockstep.mjs under an old Node: two processes that behave as one. */
import { spawn, type ChildProcess } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until, within } from '../support/until.ts'

const repository = join(import.meta.dirname, '../..')

/** Makes the Node that loads it look like Node 20. The one that the launcher starts does not load it. */
const oldNode = `data:text/javascript,${encodeURIComponent(
  `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`,
)}`

/** In the launcher: what it does after a while is done once its child has told of a signal, however slow that is. */
const patient = `data:text/javascript,${encodeURIComponent(`
  import { ChildProcess } from 'node:child_process'
  const { emit } = ChildProcess.prototype
  let tell
  const told = new Promise(done => (tell = done))
  ChildProcess.prototype.emit = function (name, ...args) {
    const result = emit.call(this, name, ...args)
    if (name === 'message') tell()
    return result
  }
  globalThis.setTimeout = work => void told.then(work).then(() => console.error('the grace is over'))
`)}`

/** Stands for the command line: says who it is, counts interrupts, ends as it is told. */
const cli = `
const [command, code] = process.argv.slice(2)
if (command === 'exit') process.exitCode = Number(code)
if (command === 'hang') setInterval(() => {}, 1000)
if (command === 'flush') {
  setInterval(() => {}, 1000)
  let interrupts = 0
  process.on('SIGINT', () => interrupts++)
  process.on('SIGTERM', () => setTimeout(() => { console.log('flushed after ' + interrupts); process.exit(0) }, 50))
}
console.log(JSON.stringify({ pid: process.pid, node: process.versions.node, args: process.argv.slice(2), env: Object.keys(process.env).filter((name) => /LOCKSTEP_STARTED|CHANNEL/.test(name)) }))
`

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-launcher-'))
  for (const each of ['bin', 'out/main', 'node_modules/node/bin'])
    mkdirSync(join(folder, each), { recursive: true })
  copyFileSync(join(repository, 'bin/lockstep.mjs'), join(folder, 'bin/lockstep.mjs'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'out/main/cli.js'), cli)
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the command line runs on the Node that is running, if that is new enough', async () => {
  const run = launch({ old: false }, 'exit', '0')
  expect(await run.started()).toMatchObject({ pid: run.child.pid, args: ['exit', '0'] })
  expect(await run.ended()).toEqual({ code: 0, signal: null })
})

test('under an old Node it runs on the project’s own, with the same arguments and exit code', async () => {
  const run = launch({ old: true }, 'exit', '3', '--json')
  const started = await run.started()
  expect(started).toMatchObject({ node: process.versions.node, args: ['exit', '3', '--json'], env: [] })
  expect(started.pid).not.toBe(run.child.pid)
  expect(await run.ended()).toEqual({ code: 3, signal: null })
})

test('a signal to the launcher reaches the command line, which ends in its own time', async () => {
  const run = launch({ old: true }, 'flush')
  await run.started()
  run.child.kill('SIGTERM')
  expect(await run.ended()).toEqual({ code: 0, signal: null })
  expect(run.output()).toContain('flushed')
})

test('a signal that ends the command line ends the launcher in the same way', async () => {
  const run = launch({ old: true }, 'hang')
  const { pid } = await run.started()
  process.kill(pid, 'SIGTERM')
  expect(await run.ended()).toEqual({ code: null, signal: 'SIGTERM' })
})

test('an interrupt from the terminal, which goes to both, arrives once', async () => {
  const run = launch({ old: true, group: true }, 'flush')
  const { pid } = await run.started()
  process.kill(-run.child.pid!, 'SIGINT')
  await until(() => run.output().includes('the grace is over'), 'the launcher to look', run.output)
  process.kill(pid, 'SIGTERM')
  expect(await run.ended()).toEqual({ code: 0, signal: null })
  expect(run.output()).toContain('flushed after 1\n')
})

test('when the launcher is killed, the command line dies', async () => {
  const run = launch({ old: true }, 'hang')
  const { pid } = await run.started()
  run.child.kill('SIGKILL')
  await until(() => !isRunning(pid), 'the command line to die')
})

test('without any Node that is new enough it says what to do', async () => {
  rmSync(join(folder, 'node_modules'), { recursive: true })
  const run = launch({ old: true }, 'exit', '0')
  expect(await run.ended()).toEqual({ code: 1, signal: null })
  expect(run.output()).toMatch(/needs Node 22\.22 or later, and this is Node 20\.20\.2/)
})

interface Started {
  readonly pid: number
  readonly node: string
  readonly args: readonly string[]
  readonly env: readonly string[]
}

function launch(options: { readonly old: boolean; readonly group?: boolean }, ...args: string[]) {
  const nodeOptions = options.old ? ['--import', oldNode] : []
  if (options.group === true) nodeOptions.push('--import', patient)
  const child = spawn(process.execPath, [...nodeOptions, join(folder, 'bin/lockstep.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.group === true,
  })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const started = new Promise<Started>(done => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const [line = '', rest] = output.split('\n', 2)
      if (rest !== undefined) done(JSON.parse(line) as Started)
    })
  })
  const told = (): string => output
  const ended = ending(child)
  return {
    child,
    started: () => within(started, 'the command line to start', told),
    ended: () => within(ended, 'the launcher to end', told),
    output: told,
  }
}

function ending(child: ChildProcess) {
  return new Promise(done => {
    child.once('close', (code, signal) => done({ code, signal }))
  })
}

/** A process that nobody has waited for yet still has its number, but runs no more. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
