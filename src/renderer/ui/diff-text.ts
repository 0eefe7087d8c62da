/**
 * The difference of two texts as lines with some around them. Stands on CodeMirror's comparison, so it is
 * loaded only where a difference is shown.
 */
import { Chunk } from '@codemirror/merge'
import { Text } from '@codemirror/state'
import type { DiffLine } from './diff-lines.tsx'

/** Unchanged lines shown on each side of a change. */
const AROUND = 3

export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  const textA = Text.of(a)
  const textB = Text.of(b)
  const lines: DiffLine[] = []
  let nextA = 0
  let nextB = 0
  const same = (upTo: number) => {
    for (; nextA < upTo; nextA++, nextB++) {
      lines.push({ kind: 'same', text: a[nextA] ?? '', before: nextA + 1, after: nextB + 1 })
    }
  }
  for (const chunk of Chunk.build(textA, textB)) {
    same(lineAt(textA, chunk.fromA))
    const endA = lineAt(textA, chunk.toA)
    const endB = lineAt(textB, chunk.toB)
    for (; nextA < endA; nextA++) {
      lines.push({ kind: 'remove', text: a[nextA] ?? '', before: nextA + 1, after: null })
    }
    for (; nextB < endB; nextB++) {
      lines.push({ kind: 'add', text: b[nextB] ?? '', before: null, after: nextB + 1 })
    }
  }
  same(a.length)
  return shortened(isEnded(before) && isEnded(after) ? lines.filter(isWritten(a.length, b.length)) : lines)
}

/** So that what `split` finds behind the last line end is no line. */
function isEnded(text: string): boolean {
  return text === '' || text.endsWith('\n')
}

function isWritten(linesBefore: number, linesAfter: number): (line: DiffLine) => boolean {
  return ({ before, after }) => (before ?? linesBefore) < linesBefore || (after ?? linesAfter) < linesAfter
}

/** The number of lines that end before this place; a chunk's end may lie one past the text's. */
function lineAt(text: Text, position: number): number {
  return position > text.length ? text.lines : text.lineAt(position).number - 1
}

function shortened(lines: readonly DiffLine[]): DiffLine[] {
  const near = new Uint8Array(lines.length)
  lines.forEach((line, index) => {
    if (line.kind !== 'same') near.fill(1, Math.max(0, index - AROUND), index + AROUND + 1)
  })
  const shown: DiffLine[] = []
  lines.forEach((line, index) => {
    if (near[index] === 1) shown.push(line)
    else if (shown.at(-1)?.kind !== 'gap') shown.push({ kind: 'gap', text: '', before: null, after: null })
  })
  return shown
}
