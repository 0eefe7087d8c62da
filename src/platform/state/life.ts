/** The clock that the history ages by, as it is kept between runs. Runs inside the caller's transaction. */
import type Database from 'better-sqlite3'
import { advance, type LifeClock } from '../../engine/core/life-clock.ts'
import { lifeClock } from './schema.ts'
import { upsertInto } from './statements.ts'

/** Takes a reading of the machine's clock, in milliseconds since the epoch, and tells the life clock's time. */
export type ReadLife = (wall: number) => number

/** There is one such clock. */
const CLOCK_ID = 1

export function prepareLife(sqlite: Database.Database): ReadLife {
  const find = sqlite.prepare<[], LifeClock>('SELECT life, wall, peak FROM life_clock')
  const set = upsertInto(sqlite, lifeClock, ['id'])
  return wall => {
    const before = find.get() ?? null
    const after = advance(before, wall)
    if (after !== before) set({ id: CLOCK_ID, ...after })
    return after.life
  }
}
