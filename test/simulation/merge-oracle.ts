/**
 * What a merge may have made of three contents, by rules so simple that they need no merge: of a flat JSON
 * object each key for itself, of a text each line counted. It judges the engine's merges and shares no code
 * with them; what it cannot judge (nested documents, the order of lines) the merges' own properties hold.
 */
import { flatObject } from './contents.ts'

export interface Sides {
  readonly base: string
  readonly local: string
  readonly remote: string
}

/** Whether each change of one side, and nothing else, is in `merged`. */
export function isMergeOf(path: string, merged: string, sides: Sides): boolean {
  return path.endsWith('.json') ? isMergedObject(merged, sides) : isMergedText(merged, sides)
}

/** Whether nothing stands against a merge: no key was changed on both sides. Texts are not judged. */
export function isFreeOfDoubt(path: string, { base, local, remote }: Sides): boolean {
  const b = flatObject(base)
  const l = flatObject(local)
  const r = flatObject(remote)
  if (!path.endsWith('.json') || b === null || l === null || r === null) return false
  return keysOf(b, l, r).every(key => l[key] === r[key] || l[key] === b[key] || r[key] === b[key])
}

type Flat = Readonly<Record<string, unknown>>

function isMergedObject(merged: string, { base, local, remote }: Sides): boolean {
  const m = flatObject(merged)
  const b = flatObject(base)
  const l = flatObject(local)
  const r = flatObject(remote)
  if (m === null || b === null || l === null || r === null) return false
  return keysOf(m, b, l, r).every(key => {
    if (l[key] === b[key]) return m[key] === r[key]
    return m[key] === l[key] && (r[key] === b[key] || r[key] === l[key])
  })
}

function keysOf(...objects: readonly Flat[]): string[] {
  return [...new Set(objects.flatMap(object => Object.keys(object)))]
}

/** Each line is there as often as both sides together have made it; what both did alike may count once. */
function isMergedText(merged: string, { base, local, remote }: Sides): boolean {
  const all = [merged, base, local, remote].map(countedLines)
  const lines = new Set(all.flatMap(counts => [...counts.keys()]))
  return [...lines].every(line => {
    const [m = 0, b = 0, l = 0, r = 0] = all.map(counts => counts.get(line) ?? 0)
    const [mine, theirs] = [l - b, r - b] as const
    const once = b + mine + theirs - m
    if (once === 0) return true
    return (
      Math.sign(mine) === Math.sign(once) &&
      Math.sign(theirs) === Math.sign(once) &&
      Math.abs(once) <= Math.min(Math.abs(mine), Math.abs(theirs))
    )
  })
}

function countedLines(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of text.split(/(?<=\n)/)) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}
