import { describe, expect, it } from 'vitest'
import { ago, since } from './time.ts'

const SECOND_MS = 1_000
const NOW = Date.UTC(2026, 2, 12, 12)

describe('ago', () => {
  it.each([
    [0, 'just now'],
    [9 * SECOND_MS, 'just now'],
    [42 * SECOND_MS, '42 s ago'],
    [4 * 60 * SECOND_MS, '4 min ago'],
    [26 * 3_600 * SECOND_MS, '1 day ago'],
    [-4 * 60 * SECOND_MS, 'in 4 min'],
    [-2 * SECOND_MS, 'in a moment'],
  ])('%i ms back is %s', (age, words) => {
    expect(ago(NOW - age, NOW)).toBe(words)
  })
})

describe('since', () => {
  it('never says of what has just happened that it will', () => {
    expect(since(NOW + 4 * SECOND_MS, NOW)).toBe('just now')
  })

  it('does not hide that another device’s clock is ahead', () => {
    expect(since(NOW + 3_600 * SECOND_MS, NOW)).toBe('in 1 h')
  })
})
