import { describe, expect, test } from 'vitest'
import { granuleMs, isProven, type Moment, provenInMs, restMs } from './racy.ts'

/** An even second. In milliseconds since the epoch. */
const T = 1_700_000_000_000
const DAY = 24 * 3_600_000

const at = (clockMs: number, stillMs = 0, isSeen = false): Moment => ({
  clockMs: T + clockMs,
  isSeen,
  stillMs,
})
const times = (mtime: number, ctime = mtime) => ({ mtimeMs: T + mtime, ctimeMs: T + ctime })

describe('R9.1 how long a tick is shows in the times themselves', () => {
  test.each`
    mtime     | ctime     | granule  | what
    ${123.25} | ${123.25} | ${16}    | ${'fractions'}
    ${0}      | ${123.25} | ${16}    | ${'a modification time that was set to a whole second'}
    ${0.5}    | ${0}      | ${16}    | ${'a change time that is a whole second by chance'}
    ${1_000}  | ${1_000}  | ${1_000} | ${'odd seconds'}
    ${2_000}  | ${1_000}  | ${1_000} | ${'one of them odd'}
    ${2_000}  | ${4_000}  | ${2_000} | ${'even seconds: FAT, or chance'}
  `('$what', ({ mtime, ctime, granule }) => {
    expect(granuleMs(times(mtime, ctime))).toBe(granule)
  })
})

describe('R9.1 whether a later content can have the same times', () => {
  test.each`
    file                     | moment                    | proven   | what
    ${times(0.5)}            | ${at(10)}                 | ${false} | ${'fractions: within the tick'}
    ${times(0.5)}            | ${at(17)}                 | ${true}  | ${'fractions: the tick is over'}
    ${times(DAY + 0.5)}      | ${at(17)}                 | ${false} | ${'fractions: written in the future'}
    ${times(DAY + 0.5)}      | ${at(17, 20)}             | ${true}  | ${'fractions: seen in the future for longer than a tick'}
    ${times(DAY + 0.5, 0.5)} | ${at(17)}                 | ${true}  | ${'fractions: a modification time that was set ahead'}
    ${times(1_000)}          | ${at(1_900, 0, true)}     | ${false} | ${'seconds: the same second'}
    ${times(1_000)}          | ${at(2_000, 0, true)}     | ${true}  | ${'seconds: the next one'}
    ${times(1_000)}          | ${at(60_000)}             | ${false} | ${'seconds: a clock that nothing was seen of'}
    ${times(1_000)}          | ${at(DAY + 2_000)}        | ${true}  | ${'seconds: older than any doubt'}
    ${times(1_000)}          | ${at(1_900, 1_000)}       | ${true}  | ${'seconds: seen for as long as a second'}
    ${times(2_000)}          | ${at(3_900, 1_900, true)} | ${false} | ${'FAT: the same two seconds'}
    ${times(2_000)}          | ${at(4_000, 0, true)}     | ${true}  | ${'FAT: the next two'}
    ${times(-DAY, 1_000)}    | ${at(1_500, 0, true)}     | ${false} | ${'an old time that was set in this very second'}
  `('$what', ({ file, moment, proven }) => {
    expect(isProven(file, moment)).toBe(proven)
  })

  test('it is worth another look once it was seen for a tick', () => {
    expect(provenInMs(times(1_000), at(1_500, 300))).toBe(700)
    expect(isProven(times(1_000), at(2_200, 1_000))).toBe(true)
  })
})

describe('R9.2 for how long a file has rested', () => {
  test.each`
    file                | moment          | rest   | what
    ${times(0.5)}       | ${at(20.5)}     | ${20}  | ${'as its times say'}
    ${times(DAY + 0.5)} | ${at(20.5, 7)}  | ${7}   | ${'as long as it was seen, where they lie in the future'}
    ${times(1_000)}     | ${at(1_900, 7)} | ${7}   | ${'as long as it was seen, where its second is not over'}
    ${times(1_000)}     | ${at(2_300, 7)} | ${300} | ${'since its second was over'}
  `('$what', ({ file, moment, rest }) => {
    expect(restMs(file, moment)).toBe(rest)
  })
})
