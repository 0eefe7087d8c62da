/**
 * What engines cost that keep a folder of many files: processor time for an edit and for none, how soon one ends that
 * waits for a locked database, and how many events the interface hears.
 */
import { spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { daemonShell } from '../../src/daemon/desktop.ts'
import { Host } from '../../src/host/app/host.ts'
import { below, milliseconds, percent } from './bench-lines.mjs'
import { Engine, sleep, until } from './engine.mjs'
import { cpuTime } from './process-usage.mjs'

/** @import { Line } from './bench-lines.mjs' */
/** @typedef {{ top: string, a: string, b: string, engineA: Engine, engineB: Engine }} World */

const FEW = 30
const MANY = 3_000
const EDITS = 20
/** Of each file, in bytes. */
const FILE_SIZE = 500
/** In milliseconds. */
const IDLE = 10_000
/** What a start or an edit leaves to be done is done by then, in ms. */
const REST = 3_000

/** One line for each figure, as `npm run bench` prints them. @returns {Promise<Line[]>} */
export async function measureEngine() {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-bench-engine-')))
  try {
    const few = await withEngines(join(top, 'few'), FEW, costOfEdit)
    return [
      ...(await withEngines(join(top, 'many'), MANY, async world => [
        edits(await costOfEdit(world), few),
        await idle(world),
        await end(world),
      ])),
      await events(join(top, 'events')),
    ]
  } finally {
    rmSync(top, { recursive: true, force: true, maxRetries: 5 })
  }
}

const pathOf = n => `data/${n % 50}/${n}.md`

function makeProject(folder) {
  mkdirSync(join(folder, 'data'), { recursive: true })
  writeFileSync(join(folder, 'data', 'sync-config.json'), '{ "syncFilePatterns": ["data/**/*.md"] }\n')
  writeFileSync(join(folder, '.env'), 'FILE_SYNC_APP_ID=bench\nFILE_SYNC_SQLITE_PATH=../sync.db\n')
}

function makeFiles(folder, files) {
  for (let n = 0; n < files; n++) {
    if (n < 50) mkdirSync(join(folder, pathOf(n), '..'), { recursive: true })
    writeFileSync(join(folder, pathOf(n)), `content ${n} ${'x'.repeat(FILE_SIZE)}\n`)
  }
}

const countIn = folder =>
  readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.md'),
  ).length

/**
 * Two engines at rest on two folders with the same files.
 *
 * @template Result
 * @param {string} top
 * @param {number} files
 * @param {(world: World) => Promise<Result>} measure
 */
async function withEngines(top, files, measure) {
  const [a, b] = [join(top, 'a'), join(top, 'b')]
  for (const folder of [a, b]) makeProject(folder)
  makeFiles(a, files)
  const env = { LOCKSTEP_HOME: join(top, 'home') }
  const [engineA, engineB] = [new Engine(a, env), new Engine(b, env)]
  const bothIdle = () => Promise.all([engineA.idle(), engineB.idle()])
  try {
    await bothIdle()
    await until(() => countIn(b) === files, 'the files on the other side')
    await bothIdle()
    await sleep(REST)
    return await measure({ top, a, b, engineA, engineB })
  } finally {
    await Promise.all([engineA.stop(), engineB.stop()])
  }
}

/** Processor time of the other side for each edit, in ms; null where it is not told. */
async function costOfEdit({ a, b, engineB }) {
  const start = cpuTime(engineB.pid)
  for (let n = 0; n < EDITS; n++) {
    const text = `edit ${n}\n`
    writeFileSync(join(a, pathOf(n)), text)
    await until(() => readFileSync(join(b, pathOf(n)), 'utf8') === text, `edit ${n}`)
  }
  const end = cpuTime(engineB.pid)
  return start === null || end === null ? Number.NaN : (end - start) / EDITS
}

function edits(ours, few) {
  const beside = `${milliseconds(few)} with ${FEW} files`
  return below(`CPU of an edit, ${MANY.toLocaleString('en-US')} files`, ours, 30, milliseconds, beside)
}

/** Beside a Node process that does nothing at all. */
async function idle({ engineA, engineB }) {
  await sleep(REST)
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 2 ** 30)'], { stdio: 'ignore' })
  await sleep(REST)
  const pids = [bare.pid, engineA.pid, engineB.pid]
  const before = pids.map(pid => cpuTime(pid) ?? Number.NaN)
  await sleep(IDLE)
  const [floor = 0, ...ours] = pids.map((pid, at) => (cpuTime(pid) ?? Number.NaN) - (before[at] ?? 0))
  bare.kill()
  const share = ms => (100 * ms) / IDLE
  return below('idle CPU, engine', share(Math.max(...ours)), 1, percent, `${percent(share(floor))} bare Node`)
}

/** From the request to end to the end, while another program locks the database and an edit waits for that. */
async function end({ top, a, engineA, engineB }) {
  const start = performance.now()
  await engineB.stop()
  const unlocked = performance.now() - start
  const locker = new Sqlite(join(top, 'sync.db'))
  locker.exec('BEGIN EXCLUSIVE')
  try {
    writeFileSync(join(a, pathOf(0)), 'while it is locked\n')
    await until(() => engineA.status.pending > 0, 'work that waits')
    // Into the wait for the lock.
    await sleep(300)
    const start = performance.now()
    await engineA.stop()
    const ours = performance.now() - start
    return below(
      'end while locked',
      ours,
      5_000,
      milliseconds,
      `${milliseconds(unlocked)} with nothing to do`,
    )
  } finally {
    locker.exec('ROLLBACK')
    locker.close()
  }
}

/** What a page hears while a folder of many files is added: at most twenty events a second. */
async function events(top) {
  const project = join(top, 'project')
  makeProject(project)
  makeFiles(project, MANY)
  const env = { LOCKSTEP_HOME: join(top, 'home') }
  const host = new Host({ env, shell: daemonShell(env, 'lockstep'), command: 'bench', log: null })
  const ending = new AbortController()
  let heard = 0
  const listening = (async () => {
    for await (const event of host.feed.watch(ending.signal)) if (event.type === 'changes') heard += 1
  })()
  try {
    const start = performance.now()
    const { id } = await host.folders.add(project)
    const isDone = () => {
      const { files, state, pending } = host.folders.get(id).view()
      return files === MANY && state === 'idle' && pending === 0
    }
    await until(isDone, 'the folder to be in step')
    const seconds = (performance.now() - start) / 1_000
    const beside = `${heard} for ${MANY.toLocaleString('en-US')} files in ${seconds.toFixed(1)} s`
    return below('state events a second', heard / seconds, 22, rate => rate.toFixed(1), beside)
  } finally {
    ending.abort()
    await listening
    await host.close()
  }
}
