/**
 * The clock that kept things age by (R16). It is read off the machine's clock, which may be wrong for one start, and
 * no single reading moves it by more than a day: a clock that is weeks ahead once, or that comes back from 2001,
 * ends no life. Pure; the state store keeps it between runs.
 */

/** In milliseconds. */
export interface LifeClock {
  /** What has passed since the first reading, as far as it is believed. */
  readonly life: number
  /** The machine's clock at the last reading, since the epoch. */
  readonly wall: number
  /** The latest that the machine's clock has ever shown, since the epoch. */
  readonly peak: number
}

const DAY_MS = 24 * 60 * 60_000
/** Readings that are closer change nothing, so that they need not be kept. In milliseconds. */
const GRAIN_MS = 60_000

/** `wall` in milliseconds since the epoch. The same clock again where nothing is to be noted. */
export function advance(clock: LifeClock | null, wall: number): LifeClock {
  if (clock === null) return { life: 0, wall, peak: wall }
  if (Math.abs(wall - clock.wall) < GRAIN_MS) return clock
  const passed = Math.max(0, wall - lastBelieved(clock, wall))
  return { life: clock.life + Math.min(passed, DAY_MS), wall, peak: Math.max(clock.peak, wall) }
}

/**
 * What has been counted before is not counted again: a clock that was set back has to come beyond its peak first. Not
 * for ever: where the peak was the error, time goes on from reading to reading, as long as they do not leap.
 */
function lastBelieved({ wall: last, peak }: LifeClock, wall: number): number {
  const isFarBelow = peak - last > DAY_MS
  return isFarBelow && wall - last <= DAY_MS ? last : peak
}
