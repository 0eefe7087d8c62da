import fc from 'fast-check'
import { expect, test } from 'vitest'
import { edited, edits, haveCommonRemoval, NO_EDITS, touch } from '../../../test/support/edits.ts'
import { mergeJson } from './merge-json.ts'
import type { MergeTexts } from './merge-result.ts'

const RUNS = { numRuns: 3_000 }

test('R5 elements: edits apart merge to what both meant, edits that touch are a conflict', () => {
  const seen = { merged: 0, conflict: 0 }
  fc.assert(
    fc.property(edits, edits, (local, remote) => {
      const text = (...of: Parameters<typeof edited>): string => JSON.stringify(edited(...of))
      const [base, mine, theirs] = [text(NO_EDITS, ''), text(local, 'L'), text(remote, 'R')]
      if (mine === base || theirs === base || mine === theirs) return
      const result = mergeJson({ base, local: mine, remote: theirs })
      seen[result.kind]++
      if (result.kind === 'conflict') expect(touch(local, remote)).toBe(true)
      // Elements that both removed are the same change; all that this table knows is that they touch.
      else if (touch(local, remote)) expect(haveCommonRemoval(local, remote)).toBe(true)
      else expect(result.text).toBe(text(local, 'L', remote, 'R'))
    }),
    RUNS,
  )
  expect(Math.min(seen.merged, seen.conflict)).toBeGreaterThan(RUNS.numRuns / 20)
})

const VALUES = ['"a"', '"b"', 'null', '{"x":1}', '1', '2']

/** Few different values, which are added, removed and replaced at random. */
const repeating = fc
  .tuple(
    fc.array(fc.constantFrom(...VALUES), { maxLength: 8 }),
    fc.array(
      fc.tuple(
        fc.boolean(),
        fc.nat(8),
        fc.nat(1),
        fc.array(fc.constantFrom(...VALUES, '"c"'), { maxLength: 2 }),
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  )
  .map(([base, changes]): MergeTexts & { base: string } => {
    const side = (isLocal: boolean): string => {
      const out = [...base]
      for (const [own, at, removed, added] of changes) if (own === isLocal) out.splice(at, removed, ...added)
      return `[${out.join()}]`
    }
    return { base: `[${base.join()}]`, local: side(true), remote: side(false) }
  })

const swap = ({ base, local, remote }: MergeTexts): MergeTexts => ({ base, local: remote, remote: local })

test.each([false, true])('R5 no element is lost or doubled, from either side, union %s', isUnion => {
  const seen = { merged: 0, conflict: 0 }
  fc.assert(
    fc.property(repeating, texts => {
      const result = mergeJson(texts, { isUnion })
      const swapped = mergeJson(swap(texts), { isUnion })
      expect(swapped.kind).toBe(result.kind)
      if (texts.local === texts.base || texts.remote === texts.base || texts.local === texts.remote) return
      seen[result.kind]++
      if (result.kind === 'conflict') return
      expect(swapped).toEqual(result)
      const [base, local, remote, merged] = [texts.base, texts.local, texts.remote, result.text].map(count)
      for (const value of VALUES) {
        const [b, l, r, m] = [base, local, remote, merged].map(counts => counts!.get(value) ?? 0)
        // Under union a value that was moved here stays, though it was removed there.
        if (isUnion) expect([value, m! <= l! + r! && m! >= Math.min(l!, r!)]).toEqual([value, true])
        else if (l === b || r === b) expect([value, m]).toEqual([value, l === b ? r : l])
        else expect([value, l, m]).toEqual([value, r, r])
      }
    }),
    RUNS,
  )
  expect(Math.min(seen.merged, seen.conflict)).toBeGreaterThan(RUNS.numRuns / 50)
})

function count(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of JSON.parse(text) as unknown[]) {
    const own = JSON.stringify(value)
    counts.set(own, (counts.get(own) ?? 0) + 1)
  }
  return counts
}
