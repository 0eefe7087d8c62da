/** A text as lines, each with its own end: LF, CRLF, CR, or none at the end of the text. */

export type LineEnd = '\n' | '\r\n' | '\r'

/** Joined, they are the text again. An empty text has no lines. */
export function splitLines(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? []
}

/** Only a text's last line may lack an end; where another one does, it gets that of the line after it. */
export function joinLines(lines: readonly string[]): string {
  const last = lines.length - 1
  return lines
    .map((line, at) => (at === last || lineEnd(line) !== null ? line : line + endAfter(lines, at)))
    .join('')
}

function endAfter(lines: readonly string[], at: number): LineEnd {
  return lineEnd(lines[at + 1]!) ?? lineEnd(lines[at - 1] ?? '') ?? '\n'
}

/** The one end that all lines have (the last may have none); null where they differ or there is none. */
export function commonLineEnd(lines: readonly string[]): LineEnd | null {
  const first = lines[0] === undefined ? null : lineEnd(lines[0])
  const last = lines.length - 1
  const isCommon = lines.every(
    (line, at) => lineEnd(line) === first || (at === last && lineEnd(line) === null),
  )
  return isCommon ? first : null
}

export function withLineEnd(lines: readonly string[], end: LineEnd): string[] {
  return lines.map(line => {
    const own = lineEnd(line)
    return own === null || own === end ? line : line.slice(0, -own.length) + end
  })
}

/** Whether a line, or a text's last one, is a whole one. */
export function hasLineEnd(line: string): boolean {
  return lineEnd(line) !== null
}

function lineEnd(line: string): LineEnd | null {
  if (line.endsWith('\r\n')) return '\r\n'
  if (line.endsWith('\n')) return '\n'
  return line.endsWith('\r') ? '\r' : null
}
