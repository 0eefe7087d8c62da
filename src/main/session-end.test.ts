import { expect, test } from 'vitest'
import { isWaitedFor } from './session-end.ts'

test.each([
  ['linux', true],
  ['darwin', false],
  ['win32', false],
] as const)('on %s a shutdown that is asked to wait waits: %s', (platform, isAsked) => {
  expect(isWaitedFor(platform)).toBe(isAsked)
})
