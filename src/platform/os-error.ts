/** What the OS, Node or SQLite say of a failure, whatever was thrown. */

/** `ENOENT`, `SQLITE_BUSY`, …; `UNKNOWN` where there is none. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'UNKNOWN'
  return typeof error.code === 'string' ? error.code : 'UNKNOWN'
}

/** Calls on an open file do not say which one it is. */
export function named(error: unknown, path: string): unknown {
  const isUnnamed = error instanceof Error && 'syscall' in error && !('path' in error)
  return isUnnamed ? Object.assign(error, { path, message: `${error.message} '${path}'` }) : error
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
