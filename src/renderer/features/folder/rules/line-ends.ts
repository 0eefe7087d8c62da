/** Line ends of a text that goes through a textarea, which knows only `\n` (pure). */

/**
 * The edited text with the line ends that `before` has wherever nothing was edited; what is new gets those of
 * the first line. `edited` is the textarea's value.
 */
export function withLineEnds(before: string, edited: string): string {
  const old = [...before.matchAll(/\r\n?|[^\r]/gs)].map(([unit]) => unit)
  const plain = old.map(unit => (unit.startsWith('\r') ? '\n' : unit))
  const least = Math.min(plain.length, edited.length)
  let start = 0
  while (start < least && plain[start] === edited[start]) start++
  let end = 0
  while (end < least - start && plain.at(-1 - end) === edited.at(-1 - end)) end++
  const lineEnd = old.find((unit, index) => plain[index] === '\n') ?? '\n'
  const typed = edited.slice(start, edited.length - end).replaceAll('\n', lineEnd)
  return old.slice(0, start).join('') + typed + old.slice(old.length - end).join('')
}
