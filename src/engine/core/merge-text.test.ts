import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { edited, edits, haveCommonRemoval, NO_EDITS, touch } from '../../../test/support/edits.ts'
import { mergeText, resolveText } from './merge-text.ts'
import type { MergeChoice, MergeResult, MergeTexts } from './merge-result.ts'
import { splitLines } from './lines.ts'

const lines = (text: string): string =>
  text
    .split(' ')
    .filter(Boolean)
    .map(line => `${line}\n`)
    .join('')
const merge = (base: string | null, local: string, remote: string): MergeResult =>
  mergeText({ base, local, remote })
const merged = (text: string): MergeResult => ({ kind: 'merged', text })
const swap = ({ base, local, remote }: MergeTexts): MergeTexts => ({ base, local: remote, remote: local })

describe('R5 merges by lines', () => {
  test.each([
    ['different lines', 'a b c', 'A b c', 'a b C', 'A b C'],
    ['added above and below', 'a b', 'x a b', 'a b y', 'x a b y'],
    ['removed and changed, a line between', 'a b c d', 'b c d', 'a b C d', 'b C d'],
    ['added and removed, a line between', 'a b c d', 'a x b c d', 'a b d', 'a x b d'],
    ['the same change', 'a b c', 'a X c', 'a X c', 'a X c'],
    ['the same change and another one', 'a b c d e', 'a X c d e', 'a X c d E', 'a X c d E'],
    ['the same lines removed, others added', 'a b c d e', 'a d e', 'a d e f', 'a d e f'],
    ['emptied and nothing else', 'a b', '', 'a b', ''],
  ])('%s', (_, base, local, remote, result) => {
    expect(merge(lines(base), lines(local), lines(remote))).toEqual(merged(lines(result)))
    expect(merge(lines(base), lines(remote), lines(local))).toEqual(merged(lines(result)))
  })

  test.each([
    ['one line', 'a b c', 'a X c', 'a Y c', ['b'], ['X'], ['Y'], 2],
    ['adjacent lines', 'a b c d', 'a X c d', 'a b Y d', ['b', 'c'], ['X', 'c'], ['b', 'Y'], 2],
    ['F8 a line added next to a removed one', 'a b c', 'a x b c', 'a c', ['b'], ['x', 'b'], [], 2],
    ['F8 a line added next to a changed one', 'a b c', 'a b x c', 'a B c', ['b'], ['b', 'x'], ['B'], 2],
    ['F8 lines added in one place', 'a b', 'a x b', 'a y b', [], ['x'], ['y'], 2],
    ['appended on both sides', 'a', 'a x', 'a y', [], ['x'], ['y'], 2],
    [
      'one side removes what the other changed inside',
      'a b c d e',
      'a e',
      'a b X d e',
      ['b', 'c', 'd'],
      [],
      ['b', 'X', 'd'],
      2,
    ],
    [
      'a line added where an equal one is, beside a change',
      'a - b',
      'a - - b',
      'a - B',
      ['b'],
      ['-', 'b'],
      ['B'],
      3,
    ],
    ['emptied and changed', 'a b', '', 'a B', ['a', 'b'], [], ['a', 'B'], 1],
  ])('conflict: %s', (_, base, local, remote, old, ours, theirs, line) => {
    const texts = { base: lines(base), local: lines(local), remote: lines(remote) }
    const result = mergeText(texts)
    const hunk = (own: string[]) => ({ lines: own.map(text => `${text}\n`) })
    const conflict = {
      kind: 'text',
      id: 'hunk 1',
      restLine: line,
      base: hunk(old),
      local: hunk(ours),
      remote: hunk(theirs),
    }
    expect(result).toMatchObject({ kind: 'conflict', conflicts: [conflict], rest: lines(local) })
    expect(mergeText(swap(texts))).toMatchObject({ kind: 'conflict', rest: lines(remote) })
  })

  test('the rest is merged, and hunks are where they say', () => {
    const result = merge(lines('a b c d e f g'), lines('A b c X e f g'), lines('a b c Y e f g h'))
    expect(result).toMatchObject({
      kind: 'conflict',
      rest: lines('A b c X e f g h'),
      conflicts: [{ base: { line: 4 }, local: { line: 4 }, remote: { line: 4 }, restLine: 4 }],
    })
  })

  test('R4 without a base only equal texts merge', () => {
    expect(merge(null, 'a', 'a')).toEqual(merged('a'))
    expect(merge(null, 'a', 'b')).toMatchObject({
      conflicts: [{ kind: 'file', reason: 'no-base' }],
      rest: null,
    })
    expect(merge('', 'a\n', 'b\n')).toMatchObject({ conflicts: [{ kind: 'text' }], rest: 'a\n' })
  })
})

describe('R5 a union takes what both sides added', () => {
  const union = (base: string, local: string, remote: string): MergeResult =>
    mergeText({ base, local, remote }, { isUnion: true })

  test.each([
    ['at the end, the one that sorts first before the other', 'a', 'a y', 'a x', 'a x y'],
    ['in one place', 'a b', 'a y1 y2 b', 'a x b', 'a x y1 y2 b'],
    ['what both begin with is there once', 'a', 'a s x', 'a s y', 'a s x y'],
    ['what both end with is there once', 'a', 'a x e', 'a y e', 'a x y e'],
    ['one has what the other has, and more', 'a', 'a x', 'a x y', 'a x y'],
    ['one line changed by both', 'a b c', 'a Y c', 'a X c', 'a X Y c'],
    ['what either side removed is gone', 'a b c d', 'a X c d', 'a b Y d', 'a X Y d'],
    ['changed here, removed there', 'a b c', 'a X c', 'a c', 'a X c'],
    ['lines that repeat', 'a', 'a a', 'a a a', 'a a a'],
    ['all that was there removed', 'a b', '', 'a B', 'B'],
  ])('%s', (_, base, local, remote, result) => {
    expect(union(lines(base), lines(local), lines(remote))).toEqual(merged(lines(result)))
    expect(union(lines(base), lines(remote), lines(local))).toEqual(merged(lines(result)))
  })

  test.each([
    ['of one side stays the last', 'a\n', 'a\nhalf', 'a\nx\n', 'a\nx\nhalf'],
    ['that both have', 'a\n', 'a\nx\nend', 'a\ny\nend', 'a\nx\ny\nend'],
    ['that a side changed', 'a', 'half', 'a\nb\n', 'a\nb\nhalf'],
  ])('a last line without an end %s', (_, base, local, remote, result) => {
    expect(union(base, local, remote)).toEqual(merged(result))
    expect(union(base, remote, local)).toEqual(merged(result))
  })

  test.each([
    ['two of them', 'a\n', 'a\nhalf', 'a\nother half'],
    ['one that only the other side ended', 'half', 'x\nhalf', 'half\nb\n'],
  ])('a last line without an end is a conflict: %s', (_, base, local, remote) => {
    expect(union(base, local, remote)).toMatchObject({ kind: 'conflict' })
    expect(union(base, remote, local)).toMatchObject({ kind: 'conflict' })
  })
})

describe('R5 line ends', () => {
  test.each([
    ['each line keeps its own', 'a\r\nb\nc\rd\n', 'A\r\nb\nc\rd\n', 'a\r\nb\nc\rD', 'A\r\nb\nc\rD'],
    ['a final newline added, a line changed elsewhere', 'a\nb\nc', 'a\nb\nc\n', 'A\nb\nc', 'A\nb\nc\n'],
    ['a final newline removed, a line changed elsewhere', 'a\nb\nc\n', 'a\nb\nc', 'A\nb\nc\n', 'A\nb\nc'],
    [
      'one line’s end changed, a line changed elsewhere',
      'a\nb\nc\n',
      'a\r\nb\nc\n',
      'a\nb\nC\n',
      'a\r\nb\nC\n',
    ],
    ['all ends changed, lines changed and added', 'a\nb\nc', 'a\r\nb\r\nc', 'a\nB\nx\nc', 'a\r\nB\r\nx\r\nc'],
    [
      'all ends changed by both, lines changed',
      'a\nb\nc\n',
      'A\r\nb\r\nc\r\n',
      'a\r\nb\r\nC\r\n',
      'A\r\nb\r\nC\r\n',
    ],
    ['CR alone', 'a\rb\rc\r', 'A\rb\rc\r', 'a\rb\rC\r', 'A\rb\rC\r'],
  ])('%s', (_, base, local, remote, result) => {
    expect(merge(base, local, remote)).toEqual(merged(result))
    expect(merge(base, remote, local)).toEqual(merged(result))
  })

  test('a final newline and text after it are a conflict', () => {
    expect(merge('a\nb', 'a\nb\n', 'a\nb\nc')).toMatchObject({ kind: 'conflict' })
  })
})

describe('R6 resolving', () => {
  const texts = { base: lines('a b c d e f'), local: lines('a X c d L f'), remote: lines('a Y c d R f g') }
  const resolve = (...choices: [string, MergeChoice][]) => resolveText(texts, new Map(choices))

  test.each<[MergeChoice, string]>([
    ['local', 'a X c d L f g'],
    ['remote', 'a Y c d L f g'],
    ['base', 'a b c d L f g'],
    ['both', 'a X Y c d L f g'],
    [{ text: 'Z' }, 'a Z c d L f g'],
    [{ text: '' }, 'a c d L f g'],
  ])('%j', (choice, result) => {
    expect(resolve(['hunk 1', choice], ['hunk 2', 'local'])).toEqual(merged(lines(result)))
    expect(resolve(['hunk 1', choice])).toMatchObject({ conflicts: [{ id: 'hunk 2' }], rest: lines(result) })
  })

  test('refuses what is not in conflict', () => {
    expect(resolve(['hunk 3', 'local'])).toMatchObject({ kind: 'refused', id: 'hunk 3' })
    expect(resolveText({ ...texts, remote: texts.base }, new Map([['hunk 1', 'local']]))).toMatchObject({
      kind: 'refused',
    })
  })
})

const RUNS = { numRuns: 5_000 }

/** Few different lines, so that a difference has many readings. */
const ambiguous = fc
  .tuple(
    fc.array(fc.constantFrom<string>('a\n', 'b\n', '\n', 'c\n', 'd\r\n'), { maxLength: 12 }),
    fc.array(
      fc.tuple(fc.boolean(), fc.nat(12), fc.nat(2), fc.constantFrom([], ['a\n'], ['\n', 'b\n'], ['x\n'])),
      { maxLength: 4 },
    ),
  )
  .map(([base, changes]): MergeTexts => {
    const side = (own: boolean): string => {
      const out = [...base]
      for (const [isLocal, at, count, added] of changes) if (isLocal === own) out.splice(at, count, ...added)
      return out.join('')
    }
    return { base: base.join(''), local: side(true), remote: side(false) }
  })

/** Remote adds no line that stands anywhere else, so none can be the same as one that local adds. */
const repeating = fc
  .tuple(
    fc.array(fc.constantFrom<string>('a\n', 'b\n', '\n'), { maxLength: 14 }),
    fc.array(
      fc.tuple(fc.nat(14), fc.nat(2), fc.array(fc.constantFrom('a\n', '\n', 'x\n'), { maxLength: 2 })),
      { maxLength: 2 },
    ),
    fc.array(fc.tuple(fc.nat(14), fc.nat(2), fc.nat(2)), { maxLength: 2 }),
  )
  .map(([base, mine, theirs]) => {
    const [local, remote] = [[...base], [...base]]
    for (const [at, removed, added] of mine) local.splice(at, removed, ...added)
    for (const [n, [at, removed, added]] of theirs.entries()) {
      remote.splice(at, removed, ...Array.from({ length: added }, (_, line) => `remote ${n}.${line}\n`))
    }
    return { base: base.join(''), local: local.join(''), remote: remote.join('') }
  })

describe('R5 properties', () => {
  test('F8 edits apart merge to what both meant, edits that touch are a conflict', () => {
    const seen = { merged: 0, conflict: 0 }
    fc.assert(
      fc.property(edits, edits, (local, remote) => {
        const text = (...of: Parameters<typeof edited>): string => edited(...of).join('\n') + '\n'
        const [base, mine, theirs] = [text(NO_EDITS, ''), text(local, 'L'), text(remote, 'R')]
        const result = mergeText({ base, local: mine, remote: theirs })
        const [isOne, isAlike] = [mine === base || theirs === base, mine === theirs]
        const both = { merged: text(local, 'L', remote, 'R'), conflict: null }
        if (isOne || isAlike) return
        seen[result.kind]++
        // Lines that both removed are the same change; all that this table knows is that they touch.
        if (touch(local, remote) && result.kind === 'merged')
          expect(haveCommonRemoval(local, remote)).toBe(true)
        else if (result.kind === 'merged') expect(result.text).toBe(both.merged)
        else expect(touch(local, remote)).toBe(true)
      }),
      RUNS,
    )
    expect(Math.min(seen.merged, seen.conflict)).toBeGreaterThan(RUNS.numRuns / 20)
  })

  test('F8 no line is lost or doubled, whatever repeats', () => {
    const seen = { merged: 0, conflict: 0 }
    fc.assert(
      fc.property(repeating, texts => {
        const result = mergeText(texts)
        if (texts.local === texts.base || texts.remote === texts.base) return
        seen[result.kind]++
        if (result.kind === 'conflict') return
        const [base, local, remote, all] = [texts.base, texts.local, texts.remote, result.text].map(count)
        for (const line of new Set([base, local, remote, all].flatMap(counts => [...counts!.keys()]))) {
          const [b, l, r, m] = [base, local, remote, all].map(counts => counts!.get(line) ?? 0) as [
            number,
            number,
            number,
            number,
          ]
          // Less only by what remote has removed, which may be what local has removed.
          const isRight = l + r - b <= m && m <= l + Math.max(0, r - b)
          expect([line, isRight]).toEqual([line, true])
        }
      }),
      RUNS,
    )
    expect(Math.min(seen.merged, seen.conflict)).toBeGreaterThan(RUNS.numRuns / 20)
  })

  test('a union has each line as often as the sides mean it together, and is the same from both sides', () => {
    let united = 0
    fc.assert(
      fc.property(repeating, texts => {
        const plain = mergeText(texts)
        const result = mergeText(texts, { isUnion: true })
        expect(mergeText(swap(texts), { isUnion: true })).toEqual(result)
        if (plain.kind === 'merged') {
          expect(result).toEqual(plain)
          return
        }
        united++
        if (result.kind === 'conflict') throw new Error('a union of whole lines is never a conflict')
        const [base, local, remote, all] = [texts.base, texts.local, texts.remote, result.text].map(count)
        for (const line of new Set([local, remote].flatMap(counts => [...counts!.keys()]))) {
          const [b, l, r, m] = [base, local, remote, all].map(counts => counts!.get(line) ?? 0) as [
            number,
            number,
            number,
            number,
          ]
          // What one side alone has added is there; nothing is there that neither has.
          if (b === 0) expect([line, m >= Math.max(l, r) && m <= l + r]).toEqual([line, true])
          else expect([line, m <= b + l + r]).toEqual([line, true])
        }
      }),
      RUNS,
    )
    expect(united).toBeGreaterThan(RUNS.numRuns / 20)
  })

  test('F8 swapping the sides gives the same bytes, or a conflict in the same places', () => {
    const seen = { merged: 0, conflict: 0 }
    fc.assert(
      fc.property(ambiguous, texts => {
        const [result, swapped] = [mergeText(texts), mergeText(swap(texts))]
        seen[result.kind]++
        if (result.kind === 'merged') {
          expect(swapped).toEqual(result)
          return
        }
        if (swapped.kind === 'merged') throw new Error('merged one way round only')
        const hunks = ({ conflicts }: typeof swapped) =>
          conflicts.map(conflict =>
            conflict.kind === 'text' ? [conflict.base, conflict.local, conflict.remote] : [],
          )
        expect(hunks(swapped)).toEqual(hunks(result).map(([base, local, remote]) => [base, remote, local]))
        const all = (choice: MergeChoice) => new Map(result.conflicts.map(({ id }) => [id, choice]))
        expect(resolveText(texts, all('local'))).toEqual(merged(result.rest!))
        expect(resolveText(swap(texts), all('remote'))).toEqual(merged(result.rest!))
      }),
      RUNS,
    )
    expect(Math.min(seen.merged, seen.conflict)).toBeGreaterThan(RUNS.numRuns / 20)
  })

  test('a change of one side, or the same of both, comes out byte for byte; merging again changes nothing', () => {
    let again = 0
    let changed = 0
    fc.assert(
      fc.property(ambiguous, texts => {
        const { base, local: x } = texts
        expect(merge(base, x, base!)).toEqual(merged(x))
        expect(merge(base, base!, x)).toEqual(merged(x))
        expect(merge(base, x, x)).toEqual(merged(x))
        const result = mergeText(texts)
        if (result.kind === 'conflict' || result.text === texts.local || result.text === texts.remote) return
        again++
        const next = mergeText({ ...texts, local: result.text })
        if (next.kind === 'merged' && next.text !== result.text) changed++
      }),
      RUNS,
    )
    expect(again).toBeGreaterThan(RUNS.numRuns / 20)
    // Among lines that are all alike the same change may be found at another place once it stands beside others.
    expect(changed).toBeLessThan(again / 100)
  })
})

function count(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of splitLines(text)) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}
