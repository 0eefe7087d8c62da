import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Side } from './entry.ts'
import { guard, MASS_DELETE_FILES, MASS_DELETE_SHARE, type Change, guardChanges } from './guard.ts'
import type { Deletion, GuardInput } from './guard.ts'

function deletions(count: number, side: Side = 'local'): Deletion[] {
  return Array.from({ length: count }, (_, i) => ({
    channel: 'shared',
    side,
    path: `data/${i}.md`,
    digest: `${i}`,
  }))
}

/** By default, a side where all files are missing is emptied. */
function input(some: Partial<GuardInput>): GuardInput {
  const given = {
    deletions: [],
    baseCount: 100,
    recentlyDeleted: 0,
    missingSideExchanged: false,
    databaseRestored: false,
    uncounted: new Set<string>(),
    clearedAway: new Set<string>(),
    held: new Set<string>(),
    ...some,
  }
  return { isMissingSideEmptied: given.baseCount === given.deletions.length, ...given }
}

describe('R8 a mass delete is held', () => {
  test.each`
    deleted | baseCount | recent | reason           | why
    ${1}    | ${100}    | ${0}   | ${null}          | ${'an ordinary delete'}
    ${19}   | ${40}     | ${0}   | ${null}          | ${'fewer than 20 files'}
    ${20}   | ${40}     | ${0}   | ${'mass-delete'} | ${'20 files and half of all'}
    ${20}   | ${67}     | ${0}   | ${null}          | ${'less than 30 %'}
    ${30}   | ${100}    | ${0}   | ${null}          | ${'30 % and no more'}
    ${31}   | ${100}    | ${0}   | ${'mass-delete'} | ${'more than 30 %'}
    ${1}    | ${31}     | ${19}  | ${'mass-delete'} | ${'the last of 20 that trickle in'}
    ${1}    | ${50}     | ${18}  | ${null}          | ${'19 that trickle in'}
    ${1}    | ${99}     | ${29}  | ${null}          | ${'30 that trickle in, of 128'}
    ${3000} | ${10000}  | ${0}   | ${null}          | ${'30 % of many'}
    ${3001} | ${10000}  | ${0}   | ${'mass-delete'} | ${'more than 30 % of many'}
  `('$deleted of $baseCount, $recent before: $reason ($why)', ({ deleted, baseCount, recent, reason }) => {
    const list = deletions(deleted)
    const verdict = guard(input({ deletions: list, baseCount, recentlyDeleted: recent }))
    expect(verdict).toEqual(
      reason === null ? { go: list, hold: [], reason: null } : { go: [], hold: list, reason },
    )
  })
})

test('R8.18 what a server may have cleared away is held whatever its number, moved or not; the rest goes', () => {
  const [a, b, c] = deletions(3)
  const some = { deletions: [a!, b!, c!], uncounted: new Set([b!.path]) }
  expect(guard(input(some))).toEqual({ go: [a, b, c], hold: [], reason: null })
  const clearedAway = new Set([a!.path, b!.path])
  expect(guard(input({ ...some, clearedAway }))).toEqual({ go: [c], hold: [a, b], reason: 'server-deletes' })
})

describe('R8 a side that is empty or another one is held, however few files it is', () => {
  test.each`
    deleted | baseCount | side        | exchanged | reason
    ${2}    | ${2}      | ${'remote'} | ${false}  | ${'local-emptied'}
    ${2}    | ${2}      | ${'local'}  | ${false}  | ${'database-emptied'}
    ${1}    | ${1}      | ${'remote'} | ${false}  | ${null}
    ${1}    | ${2}      | ${'remote'} | ${false}  | ${null}
    ${1}    | ${1}      | ${'remote'} | ${true}   | ${'root-exchanged'}
    ${1}    | ${9}      | ${'remote'} | ${true}   | ${'root-exchanged'}
    ${1}    | ${9}      | ${'local'}  | ${true}   | ${'database-exchanged'}
    ${50}   | ${50}     | ${'local'}  | ${true}   | ${'database-exchanged'}
  `('$deleted of $baseCount to delete on side $side, exchanged=$exchanged: $reason', row => {
    const list = deletions(row.deleted, row.side)
    const verdict = guard(
      input({ deletions: list, baseCount: row.baseCount, missingSideExchanged: row.exchanged }),
    )
    expect(verdict.reason).toBe(row.reason)
    expect(row.reason === null ? verdict.go : verdict.hold).toEqual(list)
  })
})

test('R8 an emptied side is held, although an edited file of it is no delete', () => {
  const nine = deletions(9)
  const emptied = guard(input({ deletions: nine, baseCount: 10, isMissingSideEmptied: true }))
  expect(emptied).toEqual({ go: [], hold: nine, reason: 'database-emptied' })
  expect(guard(input({ deletions: nine, baseCount: 10, isMissingSideEmptied: false })).go).toEqual(nine)
})

test('R8.5 what does not look like an emptied side goes, all of it', () => {
  const three = deletions(3, 'remote')
  expect(guard(input({ deletions: three, baseCount: 3, isMissingSideEmptied: false })).go).toEqual(three)
})

describe('R8.3 R8.6 what is not counted', () => {
  const uncounted = (from: number, count: number): Set<string> =>
    new Set(deletions(count).map((_, n) => `data/${from + n}.md`))

  test.each`
    deleted | uncounted | baseCount | held  | go    | why
    ${60}   | ${60}     | ${60}     | ${0}  | ${60} | ${'all of it goes'}
    ${60}   | ${45}     | ${100}    | ${0}  | ${60} | ${'what is left is no mass'}
    ${60}   | ${40}     | ${60}     | ${20} | ${40} | ${'what is left is one, and is held alone'}
  `('$uncounted of $deleted deletes, $baseCount files: $why', row => {
    const given = { deletions: deletions(row.deleted), baseCount: row.baseCount }
    const verdict = guard(
      input({ ...given, isMissingSideEmptied: false, uncounted: uncounted(0, row.uncounted) }),
    )
    expect([verdict.hold.length, verdict.go.length]).toEqual([row.held, row.go])
  })

  test('is held no longer, and yet where the other side is another one', () => {
    const list = deletions(3)
    const given = { deletions: list, held: new Set(['data/1.md']), uncounted: uncounted(0, 3) }
    expect(guard(input(given)).go).toEqual(list)
    expect(guard(input({ ...given, missingSideExchanged: true })).hold).toEqual(list)
  })
})

test('R8 what is held stays held while other deletes go on', () => {
  const list = deletions(3)
  const verdict = guard(input({ deletions: list, held: new Set(['data/1.md']) }))
  expect(verdict).toEqual({ go: [list[0], list[2]], hold: [list[1]], reason: 'mass-delete' })
})

test('R8 without deletes nothing is held', () => {
  const nothing = input({
    missingSideExchanged: true,
    baseCount: 0,
    recentlyDeleted: 500,
    held: new Set(['data/a']),
  })
  expect(guard(nothing)).toEqual({ go: [], hold: [], reason: null })
})

const anyInput = fc
  .record({
    count: fc.integer({ min: 0, max: 60 }),
    extra: fc.integer({ min: 0, max: 60 }),
    side: fc.constantFrom<Side>('local', 'remote'),
    recentlyDeleted: fc.integer({ min: 0, max: 30 }),
    missingSideExchanged: fc.boolean(),
    held: fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 3 }),
  })
  .map(({ count, extra, side, recentlyDeleted, missingSideExchanged, held }) =>
    input({
      deletions: deletions(count, side),
      baseCount: count + extra,
      recentlyDeleted,
      missingSideExchanged,
      held: new Set(held.map(i => `data/${i}.md`)),
    }),
  )

test('R8 every delete either goes or is held for a reason, and a mass of them never goes', () => {
  const seen = { go: 0, hold: 0 }
  fc.assert(
    fc.property(anyInput, given => {
      const verdict = guard(given)
      const sorted = [...verdict.go, ...verdict.hold].toSorted((a, b) => Number(a.digest) - Number(b.digest))
      expect(sorted).toEqual(given.deletions)
      expect(verdict.reason === null).toBe(verdict.hold.length === 0)
      expect(verdict.go.some(deletion => given.held.has(deletion.path))).toBe(false)
      expect(guard(given)).toEqual(verdict)
      if (verdict.hold.length > 0) seen.hold++
      if (verdict.go.length === 0) return
      seen.go++
      const gone = verdict.go.length + given.recentlyDeleted
      const before = given.baseCount + given.recentlyDeleted
      expect(gone >= MASS_DELETE_FILES && gone > before * MASS_DELETE_SHARE).toBe(false)
      expect(given.missingSideExchanged).toBe(false)
    }),
    { numRuns: 2000 },
  )
  expect(seen.go).toBeGreaterThan(100)
  expect(seen.hold).toBeGreaterThan(100)
})

test('R8 what is held is held still when more is deleted', () => {
  let held = 0
  fc.assert(
    fc.property(anyInput, fc.integer({ min: 1, max: 10 }), (given, more) => {
      if (given.deletions.length === 0 || guard(given).go.length > 0) return
      held++
      const side = given.deletions[0]!.side
      const grown = { ...given, deletions: deletions(given.deletions.length + more, side) }
      const isWhole = given.deletions.length === given.baseCount
      // With another total, as a side that is emptied is one whatever its size.
      const verdict = guard(isWhole ? { ...grown, baseCount: given.baseCount + more } : grown)
      const stillHeld = new Set(verdict.hold.map(deletion => deletion.path))
      expect(given.deletions.every(deletion => stillHeld.has(deletion.path))).toBe(true)
    }),
    { numRuns: 1000 },
  )
  expect(held).toBeGreaterThan(50)
})

describe('R8 changes', () => {
  const changes = (count: number, more: Partial<Change> = {}): Change[] =>
    Array.from({ length: count }, (_, n) => ({
      path: `${n}`,
      time: 1_000 + n,
      wentBack: false,
      isUnseen: false,
      ...more,
    }))

  test.each`
    back  | base   | reason                 | why
    ${2}  | ${4}   | ${null}                | ${'two may be an older program with a wrong clock'}
    ${3}  | ${10}  | ${null}                | ${'not more than the share'}
    ${4}  | ${10}  | ${'database-restored'} | ${'more than the share'}
    ${19} | ${100} | ${null}                | ${'few of many'}
    ${20} | ${100} | ${'database-restored'} | ${'many, whatever the share'}
  `('$back versions that went back, of $base files: $reason, $why', ({ back, base, reason }) => {
    const ordinary = { path: 'ordinary', time: 0, wentBack: false, isUnseen: false }
    const verdict = guardChanges({
      changes: [...changes(back, { wentBack: true }), ordinary],
      baseCount: base,
    })
    expect(verdict.reason).toBe(reason)
    // What goes on as always goes on.
    expect(verdict.hold).toHaveLength(reason === null ? 0 : back)
  })

  test.each`
    count | base   | everyMs  | reason           | why
    ${19} | ${19}  | ${1}     | ${null}          | ${'all of a small folder'}
    ${20} | ${20}  | ${1}     | ${'mass-change'} | ${'all'}
    ${90} | ${100} | ${1}     | ${null}          | ${'not more than the share'}
    ${91} | ${100} | ${1}     | ${'mass-change'} | ${'nearly all'}
    ${20} | ${20}  | ${4_000} | ${null}          | ${'over more than a minute'}
  `(
    '$count of $base files changed, one every $everyMs ms: $reason, $why',
    ({ count, base, everyMs, reason }) => {
      const each = changes(count).map((change, n) => ({ ...change, time: n * everyMs }))
      const verdict = (isUnseen: boolean) =>
        guardChanges({ changes: each.map(change => ({ ...change, isUnseen })), baseCount: base })
      expect(verdict(true).reason).toBe(reason)
      expect(verdict(false).reason).toBeNull()
    },
  )
})
