import { expect, test } from 'vitest'
import { Pulse } from './pulse.ts'

test('what answers now and then is not silent; what misses several beats is, once, until it answers', () => {
  const pulse = new Pulse()
  expect([pulse.beat(), pulse.beat(), pulse.answer()]).toEqual([false, false, false])
  expect([pulse.beat(), pulse.beat(), pulse.beat(), pulse.beat()]).toEqual([false, false, true, false])
  expect([pulse.answer(), pulse.beat()]).toEqual([true, false])
})
