/** What a save changes in a small settings file, as the lines that a person looks at before agreeing. */
import type { FileDiff } from '../../contract/words.ts'
import { diffLines } from '../../engine/core/line-diff.ts'
import { splitLines } from '../../engine/core/lines.ts'

/** Unchanged lines around each change. */
const AROUND = 3

type Line = FileDiff['lines'][number]

/** How a text is shown; must keep its number of lines. */
type Show = (text: string) => string

/** `before` is null where there is no such file yet. */
export function fileDiff(
  file: string,
  before: string | null,
  after: string,
  show: Show = text => text,
): FileDiff {
  const kind = before === after ? 'unchanged' : before === null ? 'created' : 'changed'
  return { file, kind, lines: kind === 'unchanged' ? [] : withGaps(allLines(before ?? '', after, show)) }
}

function allLines(before: string, after: string, show: Show): Line[] {
  const oldLines = splitLines(before)
  const newLines = splitLines(after)
  const oldShown = shownLines(before, show)
  const newShown = shownLines(after, show)
  const lines: Line[] = []
  const same = (at: number, to: number): void =>
    void lines.push({ kind: 'same', text: newShown[to] ?? '', before: at + 1, after: to + 1 })
  let old = 0
  let next = 0
  for (const change of diffLines(oldLines, newLines)) {
    while (old < change.baseStart) same(old++, next++)
    for (; old < change.baseEnd; old++) {
      lines.push({ kind: 'remove', text: oldShown[old] ?? '', before: old + 1, after: null })
    }
    for (; next < change.sideEnd; next++) {
      lines.push({ kind: 'add', text: newShown[next] ?? '', before: null, after: next + 1 })
    }
  }
  while (next < newLines.length) same(old++, next++)
  return lines
}

function shownLines(text: string, show: Show): string[] {
  return splitLines(show(text)).map(line => line.replace(/[\r\n]+$/, ''))
}

function withGaps(lines: readonly Line[]): Line[] {
  const isNear = (index: number): boolean =>
    lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ kind }) => kind !== 'same')
  const shown: Line[] = []
  for (const [index, line] of lines.entries()) {
    if (isNear(index)) shown.push(line)
    else if (shown.at(-1)?.kind !== 'gap') shown.push({ kind: 'gap', text: '', before: null, after: null })
  }
  return shown
}
