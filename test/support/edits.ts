/** Edits of two sides at a base whose elements are all different, so that there is one right merge. */
import fc from 'fast-check'

/** What one side does to each element of a base, and in each place between them. */
export interface Edits {
  readonly elements: readonly ('keep' | 'change' | 'remove')[]
  readonly added: readonly (0 | 1 | 2)[]
}

const SIZE = 12

const rarely = <T>(always: T, ...sometimes: readonly T[]): fc.Arbitrary<T> =>
  fc.constantFrom(...Array.from({ length: 4 * sometimes.length }, () => always), ...sometimes)

export const edits: fc.Arbitrary<Edits> = fc.record({
  elements: fc.array(rarely<Edits['elements'][number]>('keep', 'change', 'remove'), {
    minLength: SIZE,
    maxLength: SIZE,
  }),
  added: fc.array(rarely<Edits['added'][number]>(0, 1, 2), { minLength: SIZE + 1, maxLength: SIZE + 1 }),
})

export const NO_EDITS: Edits = {
  elements: Array.from({ length: SIZE }, () => 'keep'),
  added: Array.from({ length: SIZE + 1 }, () => 0),
}

/** The base with one side's edits, or both's. */
export function edited(own: Edits, tag: string, other = NO_EDITS, otherTag = ''): string[] {
  const out: string[] = []
  const add = (at: number): void => {
    for (const [side, by] of [
      [own, tag],
      [other, otherTag],
    ] as const)
      for (let n = 0; n < side.added[at]!; n++) out.push(`${by} adds ${at}.${n}`)
  }
  for (let at = 0; at < SIZE; at++) {
    add(at)
    const [mine, theirs] = [own.elements[at]!, other.elements[at]!]
    if (mine === 'change' || theirs === 'change')
      out.push(`${mine === 'change' ? tag : otherTag} changes ${at}`)
    else if (mine === 'keep' && theirs === 'keep') out.push(`element ${at}`)
  }
  add(SIZE)
  return out
}

/** Whether edits of both sides overlap or touch; the place before element n is 2n, element n is 2n + 1. */
export function touch(local: Edits, remote: Edits): boolean {
  const places = (of: Edits): number[] => [
    ...of.elements.flatMap((edit, at) => (edit === 'keep' ? [] : [2 * at, 2 * at + 1, 2 * at + 2])),
    ...of.added.flatMap((count, at) => (count === 0 ? [] : [2 * at])),
  ]
  const taken = new Set(places(local))
  return places(remote).some(place => taken.has(place))
}

export const haveCommonRemoval = (a: Edits, b: Edits): boolean =>
  a.elements.some((edit, at) => edit === 'remove' && b.elements[at] === 'remove')
