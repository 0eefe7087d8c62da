/**
 * The calls to the file system that a command makes, as strace tells them, and the points at which the sweep lets one
 * of them fail. Pure.
 */
import { basename } from 'node:path'
import { TEMPORARY_PREFIX } from '../../src/engine/core/denylist.ts'

/**
 * How each call can end. `kill` is SIGKILL in its place; of errors only those that a file system gives for it.
 * Processors differ in the system calls that there are for one and the same.
 *
 * @type {Readonly<Record<string, { names: readonly string[], hows: readonly string[] }>>}
 */
const CALLS = {
  openat: { names: ['openat'], hows: ['kill', 'ENOSPC', 'EIO', 'EACCES', 'EMFILE', 'EINTR'] },
  write: { names: ['write'], hows: ['kill', 'ENOSPC', 'EIO', 'EINTR'] },
  pwrite64: { names: ['pwrite64'], hows: ['kill', 'ENOSPC', 'EIO', 'EINTR'] },
  ftruncate: { names: ['ftruncate'], hows: ['kill', 'EIO', 'EINTR'] },
  fsync: { names: ['fsync', 'fdatasync'], hows: ['kill', 'ENOSPC', 'EIO', 'EINTR'] },
  rename: { names: ['rename', 'renameat', 'renameat2'], hows: ['kill', 'ENOSPC', 'EIO', 'EACCES'] },
  link: { names: ['link', 'linkat'], hows: ['kill', 'ENOSPC', 'EIO', 'EACCES'] },
  unlink: { names: ['unlink', 'unlinkat'], hows: ['kill', 'EIO', 'EACCES'] },
  mkdir: { names: ['mkdir', 'mkdirat'], hows: ['kill', 'ENOSPC', 'EIO', 'EACCES'] },
  rmdir: { names: ['rmdir'], hows: ['kill', 'EIO', 'EACCES'] },
  fchmod: { names: ['fchmod'], hows: ['kill', 'EIO', 'EACCES'] },
  utimensat: { names: ['utimensat'], hows: ['kill', 'EIO', 'EACCES'] },
  getdents64: { names: ['getdents64'], hows: ['EIO'] },
}
/** An open that only reads changes nothing, so that a kill there is one before the next change. */
const READING = ['EIO', 'EACCES', 'EMFILE']

export const CALL_NAMES = Object.keys(CALLS)
export const HOWS = [...new Set(Object.values(CALLS).flatMap(({ hows }) => hows))]
const FAMILY = new Map(Object.entries(CALLS).flatMap(([call, { names }]) => names.map(name => [name, call])))

/**
 * @typedef {object} Call
 * @property {string} call the family, as in CALLS
 * @property {string} name the system call
 * @property {string} thread
 * @property {number} n the how many-th with this name in its thread, from 1
 * @property {string[]} paths below the disk, relative to it
 * @property {boolean} reads an open for nothing but reading
 * @property {boolean} creates
 * @property {number} commits how many SQLite had made by then, in state and database
 */

/**
 * @typedef {object} Point one call, and how it fails
 * @property {string} how
 * @property {string} call
 * @property {string} name
 * @property {number} n
 * @property {string[] | null} paths of a call behind the work, in a thread of its own: `n` counts those on these paths
 * @property {string} site where in the work the call is, as far as it makes a difference
 */

/** What strace is told to tell. Without a point, every thread is followed. */
export function straceArgs(point, disk, traceFile) {
  const names = [...FAMILY.keys()].map(name => `?${name}`).join(',')
  const follow = point === null || point.paths !== null ? ['-f'] : []
  const paths = (point?.paths ?? []).flatMap(path => ['-P', `${disk}/${path}`])
  const args = [...follow, '-y', '-s', '1', '-e', 'signal=KILL', '-e', `trace=${names}`, ...paths]
  if (point !== null) {
    const fault = point.how === 'kill' ? 'signal=KILL' : `error=${point.how}`
    args.push('-e', `inject=${point.name}:${fault}:when=${point.n}`)
  }
  return [...args, '-o', traceFile]
}

/** @returns {Call[]} in their order, those elsewhere on the machine too: they count */
export function callsIn(trace, disk) {
  const calls = []
  const counts = new Map()
  /** @type {Map<string, string>} what is open, by its number: folders are named by it */
  const open = new Map()
  let commits = 0
  for (const line of trace.split('\n')) {
    const [, thread = '', name = '', rest = ''] = LINE.exec(line) ?? []
    const call = FAMILY.get(name)
    if (call === undefined) continue
    const n = (counts.get(thread + name) ?? 0) + 1
    counts.set(thread + name, n)
    const paths = pathsIn(rest)
      .map(path => withFolder(path, open))
      .flatMap(path => (path === disk || path.startsWith(`${disk}/`) ? [path.slice(disk.length + 1)] : []))
    const [, descriptor, opened] = OPENED.exec(rest) ?? []
    if (descriptor !== undefined && opened !== undefined) open.set(descriptor, opened)
    const reads = name === 'openat' && !/\bO_(?:WRONLY|RDWR|CREAT)\b/.test(rest)
    const removesFolder = name === 'unlinkat' && rest.includes('AT_REMOVEDIR')
    const creates = rest.includes('O_CREAT')
    calls.push({
      call: removesFolder ? 'rmdir' : call,
      name,
      thread,
      n,
      paths,
      reads,
      creates,
      commits,
    })
    if (call === 'fsync' && paths.some(path => path.endsWith('-wal'))) commits += 1
  }
  return calls
}

const LINE = /^(?:(\d+) +)?([a-z][a-z0-9_]*)\((.*)$/

const OPENED = /= (\d+)<([^>]*)>$/
const BY_DESCRIPTOR = /^\/proc\/self\/fd\/(\d+)(?=\/|$)/

/** What is done in an open folder is named by the folder's descriptor. */
function withFolder(path, open) {
  const [place = '', descriptor = ''] = BY_DESCRIPTOR.exec(path) ?? []
  return (open.get(descriptor) ?? place) + path.slice(place.length)
}

/** Of a call on an open file its path, which `-y` adds; else the paths that it names. */
function pathsIn(args) {
  const open = /^\d+<([^>]*)>/.exec(args)
  if (open !== null) return [open[1] ?? '']
  return [...args.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = '']) => path)
}

/** @param {Call[]} calls of a run in which nothing failed @returns {Point[]} by site, so that each K-th meets many of them */
export function pointsOf(calls) {
  const main = calls[0]?.thread
  const mine = calls.filter(({ thread }) => thread === main)
  const points = mine
    .filter((call, index) => call.paths.length > 0 && !isWithinRun(mine, index))
    .flatMap(asPoints)
  return [
    ...points,
    ...pointsBehind(calls.filter(({ thread, paths }) => thread !== main && paths.length > 0)),
  ].sort((a, b) => compare(a.site, b.site) || compare(a.how, b.how) || a.n - b.n)
}

/** Pages that go into one file one after the other: what fails in between leaves what the first or the last one leaves. */
function isWithinRun(calls, index) {
  const isSame = other => other?.name === 'pwrite64' && other.paths[0] === calls[index]?.paths[0]
  return isSame(calls[index]) && isSame(calls[index - 1]) && isSame(calls[index + 1])
}

function asPoints(call) {
  const { name, n } = call
  return howsOf(call).map(how => ({ how, call: call.call, name, n, paths: null, site: siteOf(call) }))
}

/** strace counts for each thread, and cannot choose one: these are told by the paths on which only they work so. */
function pointsBehind(calls) {
  return [...Map.groupBy(calls, ({ name }) => name).values()].flatMap(group => {
    const paths = [...new Set(group.flatMap(({ paths }) => paths))]
    return group.flatMap((call, index) =>
      asPoints(call).map(point => ({ ...point, n: index + 1, paths, site: `${point.site}, behind` })),
    )
  })
}

function howsOf({ call, reads, creates }) {
  const hows = CALLS[call]?.hows ?? []
  if (call !== 'openat') return hows
  return reads ? READING : hows.filter(how => how !== 'ENOSPC' || creates)
}

/** The call, what it is about, and how far the work was: between two commits nothing else tells one moment from another. */
function siteOf({ call, reads, paths, commits }) {
  return `${reads ? 'open' : call} ${paths.map(kindOf).join(' to ')} after ${commits}`
}

/** What a file on the disk is to sync. */
function kindOf(path) {
  const name = basename(path)
  const [place] = path.split('/')
  if (name.startsWith(TEMPORARY_PREFIX))
    return place?.startsWith('home') ? 'temporary of the state' : 'temporary'
  const sqlite = /^(state|engine\.lock|sync)\.db(-\w+)?$/.exec(name)
  if (sqlite !== null) return `${sqlite[1] === 'sync' ? 'database' : sqlite[1]}${sqlite[2] ?? ''}`
  if (place?.startsWith('home')) return /\./.test(name) ? name : 'folder of the state'
  if (['.env', 'package.json', 'sync-config.json'].includes(name)) return SETTINGS
  if (place === name && name.includes('.')) return NAMED
  if (name.endsWith('.conflict')) return 'conflict'
  return name.includes('.') ? 'target' : 'folder'
}

const SETTINGS = 'settings'
/** On the command line: it is in no project. */
const NAMED = 'named file'

/** Whether a failure there may say that what the command was given cannot be read. */
export function isOfUsage(site) {
  return site.includes(SETTINGS) || site.includes(NAMED)
}

/** Where the point was met in a run; null where it was not, the work having taken another course. */
export function metAt(point, trace, disk) {
  const isMet = trace.includes(point.how === 'kill' ? 'killed by SIGKILL' : '(INJECTED)')
  if (!isMet) return null
  // With the paths alone before it, strace tells of no commits.
  if (point.paths !== null) return point.site
  const call = callsIn(trace, disk).findLast(({ name, n }) => name === point.name && n === point.n)
  return call === undefined || call.paths.length === 0 ? null : siteOf(call)
}

/** As `--calls` takes it. */
export function nameOfPoint({ name, n, paths }) {
  return `${name}:${n}${paths === null ? '' : '@behind'}`
}

/** @param {string} wanted a call, or one of its points by `nameOfPoint` */
export function isPoint(point, wanted) {
  return wanted === point.call || wanted === nameOfPoint(point)
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}
