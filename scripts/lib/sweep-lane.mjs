/**
 * A process of the sweep, with mounts of its own: it puts the disk back, lets the command fail, runs it again, and looks
 * at what is there. All its mounts go with it.
 *
 * Every lane has its disk at one and the same path, for sync knows folder and database by it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { callsIn, metAt, pointsOf, straceArgs } from './sweep-calls.mjs'
import { violationsAfter, violationsOf } from './sweep-checks.mjs'
import { Devices, lastDocument, PATIENCE } from './sweep-devices.mjs'
import { copyImage, makeImage, mountImage, unmount } from './sweep-disk.mjs'
import { HISTORIES } from './sweep-histories.mjs'

/** @import { Point } from './sweep-calls.mjs' */
/** @import { Failed, Settled } from './sweep-checks.mjs' */
/** @import { History } from './sweep-histories.mjs' */

/**
 * @typedef {object} Prepared what is known of a history once its disk is made
 * @property {readonly string[]} command
 * @property {import('./sweep-devices.mjs').Written} written
 * @property {number} code the command's exit code where nothing fails
 * @property {Settled} usual what comes after it then
 */

/** @typedef {{ history: string, prepared: Prepared, point: Point }} PointTask */
/** @typedef {{ prepared: Prepared, points: Point[], violations: string[] }} PrepareAnswer */
/** @typedef {{ site: string | null, code: number | null, violations: string[] }} PointAnswer `site`: null where it was not met */

const [, , top = '', cli = ''] = process.argv
const disk = join(top, 'disk')
const image = join(top, `${process.pid}.img`)
const traceFile = join(top, `${process.pid}.trace`)
const imageOf = name => join(top, `${name}.img`)

/** Of a command in which nothing fails: done, or a person is needed. */
const GOOD_ENDS = [0, 3]

/** What has failed is tried again after a second, then after two (R13). In ms. */
const NEXT_TRY = 2_500
const SYNCS = 3

/** The command that runs now. @type {import('node:child_process').ChildProcess | null} */
let running = null

process.on('message', (/** @type {any} */ task) => void answer(task))
// Ctrl-C reaches every process of the terminal; whoever leads the sweep says what comes of it.
process.on('SIGINT', () => {})
process.on('disconnect', () => {
  killRunning()
  process.exit(1)
})

async function answer(task) {
  process.send?.('point' in task ? await meet(task) : await prepare(task.history))
}

/** @returns {Promise<PrepareAnswer>} */
async function prepare(name) {
  const history = historyOf(name)
  const made = await makeDisk(name, history)
  // The first run tells how it ends, and fills Node's cache of compiled code; the second one is followed.
  const plain = await onDisk(name, async () => {
    const { code } = await runCommand(made.command, null)
    return { code: code ?? -1, usual: await settle(history, made) }
  })
  const prepared = { ...made, ...plain }
  const points = await onDisk(name, async () => {
    await runCommand(made.command, straceArgs(null, disk, traceFile))
    return pointsOf(callsIn(readFileSync(traceFile, 'utf8'), disk))
  })
  const ended = GOOD_ENDS.includes(prepared.code) ? [] : [`exit code ${prepared.code}`]
  return { prepared, points, violations: [...ended, ...violationsAfter(history, prepared.usual, null)] }
}

async function makeDisk(name, history) {
  makeImage(imageOf(name))
  mountImage(imageOf(name), disk)
  try {
    const devices = new Devices(disk)
    const further = (await history.prepare(devices)) ?? []
    return { command: [...history.command, ...further], written: devices.written() }
  } finally {
    await unmount(disk)
  }
}

/** @param {PointTask} task @returns {Promise<PointAnswer>} */
async function meet({ history: name, prepared, point }) {
  const history = historyOf(name)
  return onDisk(name, async () => {
    const failed = await runCommand(prepared.command, straceArgs(point, disk, traceFile))
    const { code } = failed
    const site = metAt(point, readFileSync(traceFile, 'utf8'), disk)
    if (site === null) return { site, code, violations: [] }
    try {
      const settled = await settle(history, prepared)
      const ofCommand = point.how === 'kill' ? [] : violationsOf(history, failed, site, settled, prepared)
      return { site, code, violations: [...ofCommand, ...violationsAfter(history, settled, prepared.usual)] }
    } catch (error) {
      return { site, code, violations: [`it cannot be carried on: ${error.stack}`] }
    }
  })
}

/** @template Result @param {() => Promise<Result>} work @returns {Promise<Result>} */
async function onDisk(name, work) {
  copyImage(imageOf(name), image)
  mountImage(image, disk)
  try {
    return await work()
  } finally {
    await unmount(disk)
  }
}

/**
 * Carries on after the failure until both devices have seen it all, and what is to be tried again later has been.
 *
 * @param {History} history @param {Pick<Prepared, 'command' | 'written'> & Partial<Prepared>} prepared @returns {Promise<Settled>}
 */
async function settle(history, { command, written, usual }) {
  const devices = new Devices(disk, written)
  const { a, b } = devices
  await history.meanwhile?.(devices)
  const again = await b.run(command)
  await a.run(['sync'])
  for (let tries = 1; ; tries++) {
    const syncs = [await b.run(['sync']), await a.run(['sync'])]
    const isUsual = usual === undefined || syncs.every(({ code }, index) => code === usual.syncs[index]?.code)
    if (isUsual || tries === SYNCS) return { again, syncs, found: await devices.look() }
    await sleep(NEXT_TRY)
  }
}

/** Of device b, in a process of its own. @param {readonly string[]} command @returns {Promise<Failed>} */
async function runCommand([name = '', ...args], tracerArgs) {
  const device = new Devices(disk).b
  const line = [cli, name, device.folder, ...args, '--json']
  const [program, all] =
    tracerArgs === null ? [process.execPath, line] : ['strace', [...tracerArgs, process.execPath, ...line]]
  const child = spawn(program, all, {
    cwd: '/',
    env: { ...plainEnvironment(), ...device.env, ...STEADY },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what is traced outlives whoever traces it.
    detached: true,
  })
  running = child
  const timer = setTimeout(killRunning, PATIENCE)
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  clearTimeout(timer)
  running = null
  return { code, signal, json: lastDocument(stdout), stderr }
}

/** One thread behind the work, and no thread that looks how many processors there are: its calls come in one order. */
const STEADY = { UV_THREADPOOL_SIZE: '1', MALLOC_ARENA_MAX: '1' }

/** Variables of whoever runs the sweep must not reach the commands. */
function plainEnvironment() {
  const isForeign = name => /^(?:FILE_SYNC_|LOCKSTEP_|VITEST|NODE_(?!COMPILE_CACHE$))/.test(name)
  const names = Object.keys(process.env).filter(name => !isForeign(name))
  return Object.fromEntries(names.map(name => [name, process.env[name]]))
}

function killRunning() {
  if (running?.pid !== undefined) process.kill(-running.pid, 'SIGKILL')
}

/** @returns {History} */
function historyOf(name) {
  const history = HISTORIES[name]
  if (history === undefined) throw new Error(`there is no history ${name}`)
  return history
}
