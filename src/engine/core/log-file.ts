/** Files that programs only append to, line by line: a last line without an end is one that is being written. */
const LOG_NAME = /\.(?:jsonl|ndjson|log)$/i

export function isLogFile(path: string): boolean {
  return LOG_NAME.test(path)
}

/**
 * What programs have appended to `former`, put behind `current`, which has come into the file's place: null where they did
 * more than append, and 'unfinished' while their last line has no end, behind which nothing may stand (R5.5).
 */
export function appendedTo(
  current: string,
  { former, edited }: { readonly former: string; readonly edited: string },
): { readonly text: string } | 'unfinished' | null {
  if (!edited.startsWith(former) || unfinishedLine(former) !== unfinishedLine(current)) return null
  return unfinishedLine(edited) === '' ? { text: current + edited.slice(former.length) } : 'unfinished'
}

/** What stands behind the last line's end. */
function unfinishedLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1)
}
