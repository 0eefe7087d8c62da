/**
 * `npm run kill-sweep`: lets one command fail at each of its calls to the file system, one after the other, runs it again,
 * and holds what is there then against the rules: nothing is lost (R1), both devices and the database are equal (R2),
 * no conflict that nobody made, nothing left behind, and an exit code and a message that say what happened.
 *
 * strace lets the call fail: by SIGKILL in its place, or by an error that it can have. The disk before each point is the
 * same one, put back from an image. Histories, and what must hold after each: scripts/lib/sweep-histories.mjs.
 *
 *   --history NAME,…   only these; --help lists them
 *   --how kill,ENOSPC,…
 *   --calls rename,…   only these calls, or only the points `rename:3,…`, as a violation names them
 *   --every K          each K-th point (1)
 *   --lanes N          at a time (two for each processor: they wait a lot)
 *   --folder F         for the images, a few megabytes each (/dev/shm, else the system's temporary folder)
 *   --json             one JSON document at the end, instead of the table
 *
 * Ctrl-C ends it early, with what is known by then.
 *
 * Exit code 1: a violation, or fewer call sites than the history has. 77: not to be had here, and why; it takes root on
 * Linux, strace, and ext4 on a loop device, for nothing else puts a folder back with the inodes and times it had.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statfsSync,
} from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { CALL_NAMES, HOWS, isPoint, nameOfPoint } from './lib/sweep-calls.mjs'
import { HISTORIES } from './lib/sweep-histories.mjs'

/** @import { Point } from './lib/sweep-calls.mjs' */
/** @import { PointAnswer, PrepareAnswer, Prepared } from './lib/sweep-lane.mjs' */

const EXIT = { failed: 1, usage: 2, notHere: 77 }
/**
 * A point may be missed where the work takes another course, by chance, and on a busy machine more often; more than so
 * many of a hundred, and it hits nothing.
 */
const MISSED_PERCENT = 20
const MISSED_OF_FEW = 3
/** In bytes: below that, not everything fits. */
const ROOM = 256 * 1024 * 1024
const PROGRAMS = {
  strace: 'strace',
  'mkfs.ext4': 'e2fsprogs',
  mount: 'mount',
  unshare: 'util-linux',
  cp: 'coreutils',
}
/** @type {NodeJS.Signals[]} */
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM']
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin']
/** Reading the sources takes each lane longer than many points do. */
const NODE_COMPILE_CACHE = join(import.meta.dirname, '..', 'node_modules', '.cache', 'compile')

const { values: flags } = parseArgs({
  options: {
    history: { type: 'string', default: Object.keys(HISTORIES).join(',') },
    how: { type: 'string', default: HOWS.join(',') },
    calls: { type: 'string', default: CALL_NAMES.join(',') },
    every: { type: 'string', default: '1' },
    lanes: { type: 'string', default: String(2 * availableParallelism()) },
    folder: { type: 'string', default: roomyFolder() },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const names = flags.history.split(',')
const hows = flags.how.split(',')
const calls = flags.calls.split(',')
const every = Number(flags.every)

/** Memory, where there is some to spare: the disks are flushed all the time. */
function roomyFolder() {
  const memory = '/dev/shm'
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > ROOM ? memory : tmpdir()
}

/** What is asked for and does not exist; null where all is well. */
function usageFault() {
  const unknown = [
    ...names.filter(name => !(name in HISTORIES)),
    ...hows.filter(how => !HOWS.includes(how)),
    ...calls.filter(call => !/:\d+/.test(call) && !CALL_NAMES.includes(call)),
  ]
  if (unknown.length > 0) return `there is no ${unknown.join(', ')}\n\n${help()}`
  return Number.isInteger(every) && every > 0 ? null : `--every takes a number from 1\n\n${help()}`
}

function help() {
  return [
    `histories: ${Object.keys(HISTORIES).join(', ')}`,
    `how: ${HOWS.join(', ')}`,
    `calls: ${CALL_NAMES.join(', ')}`,
  ].join('\n')
}

/** Why there can be no sweep on this machine; null where there can. */
function whyNotHere() {
  if (process.platform !== 'linux') return 'this is not Linux'
  if (process.getuid?.() !== 0) return 'it takes root, to mount the disk of each point'
  for (const [program, source] of Object.entries(PROGRAMS))
    if (!hasProgram(program)) return `${program} is missing (package ${source})`
  return null
}

function hasProgram(name) {
  return searchPath().some(folder => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function searchPath() {
  return [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]
}

/** One process that works for the sweep, in a mount namespace of its own. */
class Lane {
  #child
  #exit

  constructor(top) {
    const cli = process.env['LOCKSTEP_TEST_CLI'] ?? join(import.meta.dirname, '..', 'out', 'main', 'cli.js')
    this.#child = fork(join(import.meta.dirname, 'lib', 'sweep-lane.mjs'), [top, cli], {
      execPath: 'unshare',
      execArgv: ['--mount', '--propagation', 'private', process.execPath],
      env: { ...process.env, PATH: searchPath().join(delimiter), NODE_COMPILE_CACHE },
    })
    this.#exit = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`a process of the sweep has ended early, by ${signal ?? code}`)
    })
    // It is heard of by whoever waits for an answer.
    this.#exit.catch(() => {})
  }

  /** @returns {Promise<any>} */
  async ask(task) {
    const answer = once(this.#child, 'message')
    this.#child.send(task)
    const [value] = await Promise.race([answer, this.#exit])
    return value
  }

  end() {
    this.#child.disconnect()
  }
}

/** What is known of one history. */
class Tally {
  hits = 0
  missed = 0
  /** @type {Set<string>} where points were met */
  met = new Set()
  /** @type {{ at: string, how: string, site: string, code: number | null, found: string[] }[]} */
  violations = []
  /** @type {Set<string>} all that the history has */
  sites
  /** How many points were asked for. */
  points
  /** @type {Set<string>} where they are */
  asked

  /** @param {string} name @param {Point[]} all @param {Point[]} chosen */
  constructor(name, all, chosen) {
    this.name = name
    this.sites = new Set(all.map(({ site }) => site))
    this.points = chosen.length
    this.asked = new Set(chosen.map(({ site }) => site))
  }

  /** @param {Point} point @param {PointAnswer} answer */
  note(point, { site, code, violations }) {
    if (site === null) return void (this.missed += 1)
    this.hits += 1
    this.met.add(site)
    if (violations.length === 0) return
    const violation = { at: nameOfPoint(point), how: point.how, site, code, found: violations }
    this.violations.push(violation)
    tell(this.name, violation)
  }

  /** Why this says nothing; null where it does. */
  fault() {
    const floor = HISTORIES[this.name]?.sites ?? 0
    if (this.sites.size < floor) return `${this.sites.size} call sites, and there were ${floor} at least`
    if (this.points === 0) return 'no points'
    const isMissed = (part, whole) => whole - part > Math.max(MISSED_OF_FEW, (whole * MISSED_PERCENT) / 100)
    if (isMissed(this.hits, this.points))
      return `${this.points - this.hits} of ${this.points} points were not met`
    // Where a point was missed, its site need not have been met.
    if (isMissed(this.met.size + this.missed, this.asked.size))
      return `${this.met.size} of ${this.asked.size} call sites were met`
    return null
  }
}

/** At once, since a sweep takes long. */
function tell(name, { at, how, site, code, found }) {
  const command = `npm run kill-sweep -- --history ${name} --how ${how} --calls ${at}`
  console.error(
    [
      `${name}: ${how} at ${at} (${site}), exit code ${code}`,
      `  ${command}`,
      ...found.map(text => `  ${text}`),
    ].join('\n'),
  )
}

/** @param {Point[]} points */
function choose(points) {
  const wanted = points.filter(point => hows.includes(point.how) && calls.some(call => isPoint(point, call)))
  return wanted.filter((_, index) => index % every === 0)
}

/** Hands out the work: the points of each history once its disk is there, and the next disk while none is left. */
class Sweep {
  /** @type {Tally[]} */
  tallies = []
  #waiting = [...names]
  /** @type {{ tally: Tally, prepared: Prepared, point: Point }[]} */
  #points = []
  /** @type {Set<Promise<void>>} */
  #preparing = new Set()

  /** What is under way comes to its end. */
  stop() {
    this.#waiting = []
    this.#points = []
  }

  /** @param {Lane} lane */
  async work(lane) {
    for (;;) {
      const task = this.#points.shift()
      const name = task === undefined ? this.#waiting.shift() : undefined
      if (task !== undefined) await this.#meet(lane, task)
      else if (name !== undefined) await this.#noting(this.#prepare(lane, name))
      else if (this.#preparing.size > 0) await Promise.race(this.#preparing)
      else return
    }
  }

  async #meet(lane, { tally, prepared, point }) {
    tally.note(point, await lane.ask({ history: tally.name, prepared, point }))
  }

  async #prepare(lane, name) {
    /** @type {PrepareAnswer} */
    const { prepared, points, violations } = await lane.ask({ history: name })
    const chosen = choose(points)
    const tally = new Tally(name, points, chosen)
    this.tallies.push(tally)
    if (violations.length > 0) {
      const violation = {
        at: '-',
        how: 'nothing',
        site: 'the history itself',
        code: prepared.code,
        found: violations,
      }
      tally.violations.push(violation)
      tell(name, violation)
    }
    this.#points.push(...chosen.map(point => ({ tally, prepared, point })))
  }

  async #noting(work) {
    this.#preparing.add(work)
    await work
    this.#preparing.delete(work)
  }
}

function report(tallies, ms) {
  const histories = tallies
    .map(tally => ({
      name: tally.name,
      points: tally.points,
      missed: tally.missed,
      sites: tally.met.size,
      ofSites: tally.sites.size,
      fault: tally.fault(),
      violations: tally.violations,
    }))
    .sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name))
  return { every, ms: Math.round(ms), histories }
}

/** @param {ReturnType<typeof report>} result */
function print(result) {
  if (flags.json) return console.log(JSON.stringify(result))
  const columns = ['points', 'missed', 'sites', 'of', 'violations']
  console.log(`${''.padEnd(24)}${columns.map(name => name.padStart(11)).join('')}`)
  const row = (name, cells, fault) =>
    console.log(
      `${name.padEnd(24)}${cells.map(cell => String(cell).padStart(11)).join('')}${fault === null ? '' : `  ${fault}`}`,
    )
  for (const { name, points, missed, sites, ofSites, violations, fault } of result.histories)
    row(name, [points, missed, sites, ofSites, violations.length], fault)
  const sum = pick => result.histories.reduce((total, history) => total + pick(history), 0)
  row(
    'all',
    [
      sum(({ points }) => points),
      sum(({ missed }) => missed),
      sum(({ sites }) => sites),
      sum(({ ofSites }) => ofSites),
      sum(({ violations }) => violations.length),
    ],
    null,
  )
  console.log(
    `\n${(result.ms / 1000).toFixed(0)} s. A call site: the call, what it is about, and how many commits came before.`,
  )
}

async function sweepAll() {
  const top = realpathSync(mkdtempSync(join(flags.folder, 'lockstep-sweep-')))
  mkdirSync(join(top, 'disk'))
  const lanes = Array.from({ length: Number(flags.lanes) }, () => new Lane(top))
  try {
    const start = performance.now()
    const sweep = new Sweep()
    for (const signal of ENDING_SIGNALS) process.once(signal, () => sweep.stop())
    await Promise.all(lanes.map(lane => sweep.work(lane)))
    const result = report(sweep.tallies, performance.now() - start)
    print(result)
    const isBad = result.histories.some(({ violations, fault }) => violations.length > 0 || fault !== null)
    process.exitCode = isBad || sweep.tallies.length < names.length ? EXIT.failed : 0
  } finally {
    for (const lane of lanes) lane.end()
    rmSync(top, { recursive: true, force: true, maxRetries: 5 })
  }
}

function refuse(code, text) {
  console.error(text)
  process.exitCode = code
}

const fault = usageFault()
const obstacle = whyNotHere()
if (flags.help) console.log(help())
else if (fault !== null) refuse(EXIT.usage, fault)
else if (obstacle !== null) refuse(EXIT.notHere, `No sweep here: ${obstacle}.`)
else await sweepAll()
