/** Files that programs only append to, line by line: a last line without an end is one that is being written. */
const LOG_NAME = /\.(?:jsonl|ndjson|log)$/i

export function isLogFile(path: string): boolean {
  return LOG_NAME.test(path)
}
