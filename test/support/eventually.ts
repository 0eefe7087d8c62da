/** Beside `until.ts`, which programs outside of a test use as well: expectations that may take their time. */
import { expect } from 'vitest'
import { PATIENCE_MS } from './until.ts'

/** An expectation that may take its time to come true: `await eventually(read).toBe(…)`. A failure shows the last value. */
export function eventually<Value>(read: () => Value | Promise<Value>, what?: string) {
  return expect.poll(read, {
    timeout: PATIENCE_MS,
    interval: 50,
    ...(what !== undefined && { message: what }),
  })
}
