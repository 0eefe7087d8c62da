/**
 * What the desktop app's own processes cost, the main one and the host's: the time to the tray with a known folder,
 * processor time and memory of doing nothing, the time to quit. In the stand-in for Electron (test/electron-stand-in), so without
 * what Electron itself adds; the stand-in with an app that does nothing is measured beside it. Needs Linux's /proc and a build.
 *
 *   node scripts/desktop-idle.mjs [--files 10000] [--idle 30] [--json]
 *
 *   --files N   how many files of 2 KB the folder has
 *   --idle S    for how many seconds nothing is done
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cpuTime, peakMemory } from './lib/process-usage.mjs'

const { values: flags } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    idle: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
})
const files = Number(flags.files)
const idleSeconds = Number(flags.idle)

const root = join(import.meta.dirname, '..')
/** Another built app may be measured: a folder with package.json and out/. */
const app = process.env['LOCKSTEP_TEST_APP'] ?? root
const runner = join(root, 'test', 'electron-stand-in', 'run.ts')

/** Of each file, in bytes. */
const FILE_SIZE = 2048
/** Files in one folder. */
const PER_FOLDER = 100
/** For the first sync of all files, in ms. */
const PATIENCE = 300_000
/** After the last work, before doing nothing is measured, in ms. */
const REST = 5_000
const MB = 2 ** 20

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-idle-')))
/** @type {import('node:child_process').ChildProcess[]} */
const running = []
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

await measure()

async function measure() {
  writeProject()
  // The first start brings everything in step; the second one is measured.
  const first = await started()
  await first.untilInStep()
  await first.end()
  const nodeStart = bareNodeStart()
  const desktop = await started()
  await desktop.untilInStep()
  const inStepAfter = performance.now() - desktop.startedAt
  const alone = start([runner, join(root, 'test', 'electron-stand-in', 'fixtures', 'app')], { HOME: folder })
  await sleep(REST)
  const pids = await desktop.pids()
  const spentSoFar = () => sum(pids.map(pid => cpuTime(pid) ?? 0))
  const before = spentSoFar()
  await sleep(idleSeconds * 1000)
  const spent = spentSoFar() - before
  const [held, peak] = [sum(pids.map(memory)), sum(pids.map(pid => peakMemory(pid) ?? 0))]
  const ofMain = memory(pids[0])
  const quitting = performance.now()
  await desktop.end()
  const quit = performance.now() - quitting
  report({
    files,
    startToTrayMs: Math.round(desktop.trayAfter),
    bareNodeStartMs: Math.round(nodeStart),
    startToInStepMs: Math.round(inStepAfter),
    quitMs: Math.round(quit),
    idleCpuPercent: Number((spent / (idleSeconds * 10)).toFixed(2)),
    processes: pids.length,
    memoryMb: megabytes(held),
    mainMemoryMb: megabytes(ofMain),
    peakMemoryMb: megabytes(peak),
    standInAloneMb: megabytes(memory(alone.pid)),
  })
  alone.kill('SIGKILL')
  process.exit()
}

/** What the machine takes for a Node that does nothing, in ms. */
function bareNodeStart() {
  const start = performance.now()
  spawnSync(process.execPath, ['--eval', '0'])
  return performance.now() - start
}

function report(figures) {
  if (flags.json) return console.log(JSON.stringify(figures))
  for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(18)}${figure}`)
}

/** A configured project that the app knows already, and the app's own state. */
function writeProject() {
  const project = join(folder, 'project')
  const filler = 'x'.repeat(FILE_SIZE)
  for (let n = 0; n < files; n++) {
    const part = join(project, 'data', `part-${Math.floor(n / PER_FOLDER)}`)
    if (n % PER_FOLDER === 0) mkdirSync(part, { recursive: true })
    writeFileSync(join(part, `state-${n}.json`), JSON.stringify({ n, filler }).slice(0, FILE_SIZE - 2) + '"}')
  }
  writeFileSync(join(project, 'package.json'), '{ "name": "idle" }\n')
  writeFileSync(join(project, '.env'), 'FILE_SYNC_SQLITE_PATH=../sync.db\n')
  writeFileSync(join(project, 'data', 'sync-config.json'), '{ "syncFilePatterns": ["data/**"] }\n')
  mkdirSync(join(folder, 'home'), { mode: 0o700 })
  const known = { id: 'idle', path: project, isPaused: false, isSample: false }
  const state = { folders: [known], pausedAll: null }
  writeFileSync(join(folder, 'home', 'app.json'), JSON.stringify(state), { mode: 0o600 })
}

async function started() {
  const startedAt = performance.now()
  const env = { LOCKSTEP_HOME: join(folder, 'home'), HOME: folder, LOCKSTEP_TRAY: 'yes' }
  const child = start([runner, app, '--hidden'], env)
  await until(async () => (await trayLine(child)) !== null, child, 'the tray icon')
  const trayAfter = performance.now() - startedAt
  return {
    startedAt,
    trayAfter,
    async pids() {
      const { utilities = [] } = await view(child)
      return [child.pid ?? 0, ...utilities.map(({ pid }) => pid)]
    },
    untilInStep: () =>
      until(
        async () => (await trayLine(child)) === 'Everything is in step',
        child,
        'all files to be in step',
      ),
    async end() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const [code] = await ended
      if (code !== 0) throw new Error(`the app ended with ${code}`)
    },
  }
}

function start(args, env) {
  const stdio = /** @type {const} */ (['ignore', 'ignore', 'inherit', 'ipc'])
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: [...stdio] })
  running.push(child)
  return child
}

/** The first line of the tray's menu; null while there is no tray. */
async function trayLine(child) {
  const { tray } = await view(child)
  return tray === null ? null : tray.menu[0].label
}

async function view(child) {
  child.send({ id: 1, command: { verb: 'view' } })
  const [{ value }] = await once(child, 'message')
  return value
}

async function until(condition, child, what) {
  const deadline = performance.now() + PATIENCE
  while (!(await condition())) {
    if (child.exitCode !== null) throw new Error(`the app has ended before ${what}`)
    if (performance.now() > deadline) throw new Error(`waited ${PATIENCE / 1000} s for ${what}, in vain`)
    await sleep(20)
  }
}

/** What the process holds now (VmRSS: what several share counts in each), in bytes. */
function memory(pid) {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return match === null ? 0 : Number(match[1]) * 1024
}

function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0)
}

function megabytes(bytes) {
  return Math.round(bytes / MB)
}

function sleep(ms) {
  return new Promise(done => setTimeout(done, ms))
}
