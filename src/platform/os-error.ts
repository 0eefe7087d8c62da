/** What the OS, Node or SQLite say of a failure, whatever was thrown. */

/** `ENOENT`, `SQLITE_BUSY`, …; `UNKNOWN` where there is none. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'UNKNOWN'
  return typeof error.code === 'string' ? error.code : 'UNKNOWN'
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
