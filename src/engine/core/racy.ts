/**
 * Whether a file's times prove its content: git's racy rule (R9.1).
 *
 * What is written within one tick of the file system's clock gets the same times. So a fingerprint tells a content
 * from all later ones only if that tick was over when the file was read.
 */
import type { Fingerprint } from './entry.ts'

type FileTimes = Pick<Fingerprint, 'mtimeMs' | 'ctimeMs'>

/** Times with fractions come from a kernel's timer, which ticks no more coarsely, in milliseconds. */
const TIMER_TICK_MS = 16
const SECOND_MS = 1_000
/**
 * How far our clock may be from that of a file system with whole seconds, where nothing has shown how they stand, in
 * milliseconds: more than any two time zones. To read a file of late once more costs little.
 */
const DOUBT_MS = 24 * 60 * 60_000

/** When and how a file was looked at. */
export interface Moment {
  /** What the file system's clock showed, in milliseconds since the epoch. */
  readonly clockMs: number
  /** It was seen there; otherwise it is taken to show what ours does. */
  readonly isSeen: boolean
  /** For how long the file has been seen with this fingerprint, in milliseconds. */
  readonly stillMs: number
}

/** How long a tick of the file system's clock is, as far as these times show, in milliseconds. */
export function granuleMs({ mtimeMs, ctimeMs }: FileTimes): number {
  if (mtimeMs % SECOND_MS !== 0 || ctimeMs % SECOND_MS !== 0) return TIMER_TICK_MS
  const isOdd = mtimeMs % (2 * SECOND_MS) !== 0 || ctimeMs % (2 * SECOND_MS) !== 0
  return isOdd ? SECOND_MS : 2 * SECOND_MS
}

export function isCoarse(times: FileTimes): boolean {
  return granuleMs(times) >= SECOND_MS
}

/** Whether the file has come to its modification time later than by being written then, as a copy that keeps times has. */
export function isTimeSet(times: FileTimes): boolean {
  return times.ctimeMs - times.mtimeMs > granuleMs(times)
}

/** For how long nothing has touched the file, at least, in milliseconds. */
export function restMs(times: FileTimes, moment: Moment): number {
  const tick = isCoarse(times) ? granuleMs(times) : 0
  return Math.max(moment.stillMs, moment.clockMs - touchedMs(times, moment) - tick)
}

/** Whether no later content can have these times. */
export function isProven(times: FileTimes, moment: Moment): boolean {
  const granule = granuleMs(times)
  const doubt = isCoarse(times) && !moment.isSeen ? DOUBT_MS : 0
  return moment.stillMs >= granule || moment.clockMs - touchedMs(times, moment) >= granule + doubt
}

/** After how many milliseconds the file is proven if it stays as it is. */
export function provenInMs(times: FileTimes, { stillMs }: Moment): number {
  return Math.max(1, Math.ceil(granuleMs(times) - stillMs))
}

/** A modification time in the future was set by a program: the next write takes it away. */
function touchedMs({ mtimeMs, ctimeMs }: FileTimes, { clockMs }: Moment): number {
  return mtimeMs > clockMs ? ctimeMs : Math.max(mtimeMs, ctimeMs)
}
