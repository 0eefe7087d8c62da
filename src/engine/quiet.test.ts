import { expect, test } from 'vitest'
import { Quiet } from './quiet.ts'

const NOW = 1_000_000

/** When each group of deletes is decided, where files go missing at `times`, in milliseconds. */
function decidedAt(times: readonly number[]): number[] {
  const quiet = new Quiet()
  const decided: number[] = []
  let pending = false
  for (let at = 0; at <= times.at(-1)! + 20_000; at += 10) {
    const isMissing = times.includes(at)
    if (isMissing) quiet.note(NOW + at)
    const isWaiting = quiet.until(NOW + at, false) !== null
    if (pending && !isWaiting) decided.push(at)
    pending = isWaiting
  }
  return decided
}

const every = (ms: number, count: number): number[] => Array.from({ length: count }, (_, n) => n * ms)

test.each`
  times             | groups | last      | why
  ${[0]}            | ${1}   | ${100}    | ${'one delete waits for a moment'}
  ${[0, 50, 90]}    | ${1}   | ${190}    | ${'files that go together are one group'}
  ${[0, 2_000]}     | ${2}   | ${2_100}  | ${'so does a second one'}
  ${[0, 20_000]}    | ${2}   | ${20_100} | ${'or one much later'}
  ${every(300, 20)} | ${3}   | ${6_700}  | ${'from the third on, a slow burst is one group'}
  ${every(500, 41)} | ${5}   | ${21_000} | ${'which never waits for more than ten seconds'}
`('R8.4 $why', ({ times, groups, last }) => {
  const decided = decidedAt(times)
  expect([decided.length, decided.at(-1)]).toEqual([groups, last])
})

test('R8.4 what is about to count as missing belongs to the group', () => {
  const quiet = new Quiet()
  quiet.note(NOW)
  expect(quiet.until(NOW + 100, true)).toBe(NOW + 200)
  expect(quiet.until(NOW + 200, false)).toBeNull()
})

test('R8.4 after the clock was set back nothing waits for a time to come again', () => {
  const quiet = new Quiet()
  quiet.note(NOW)
  expect(quiet.until(NOW - 60_000, false)).toBeNull()
})
