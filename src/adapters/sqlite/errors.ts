/**
 * What SQLite and the file system refuse, as `AdapterError`s that say what to do (R13).
 *
 * The codes are SQLite's result codes by name, as better-sqlite3 gives them; extended codes begin with the
 * primary one (https://sqlite.org/rescode.html).
 */
import { AdapterError } from '../../engine/ports/adapter.ts'

export function toAdapterError(error: unknown, path: string): AdapterError {
  if (error instanceof AdapterError) return error
  const code = sqliteCode(error)
  if (code === null)
    return new AdapterError('unknown', `The database ${path} failed: ${messageOf(error)}`, {
      retryable: true,
      cause: error,
    })
  return fromCode(code, error, path)
}

/** Another connection holds a lock that this one needs: it is free again soon. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error)
  return code !== null && /^SQLITE_(?:BUSY|LOCKED|PROTOCOL)/.test(code)
}

/** One statement was refused for what it holds; the transaction around it goes on. */
export function isRefusedStatement(error: unknown): boolean {
  const code = sqliteCode(error)
  return code !== null && /^SQLITE_(?:CONSTRAINT|TOOBIG|MISMATCH)/.test(code)
}

export function sqliteCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_')) return error.code
  return sqliteCode(error.cause)
}

function fromCode(code: string, cause: unknown, path: string): AdapterError {
  const because = messageOf(cause)
  const failure = (kind: AdapterError['code'], message: string, retryable: boolean): AdapterError =>
    new AdapterError(kind, message, { retryable, cause })

  // Only a connection that must not write meets these: another one mends the file as it opens it.
  if (code === 'SQLITE_READONLY_ROLLBACK' || code === 'SQLITE_READONLY_RECOVERY')
    return failure(
      'unknown',
      `A program was interrupted while it wrote to ${path}, so it cannot be read without being written to. The next sync mends that, or any program that writes to it.`,
      true,
    )
  switch (primary(code)) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
    case 'SQLITE_PROTOCOL':
      return failure(
        'busy',
        `Another program keeps the database ${path} locked. It is tried again; if this stays, find the program and close it.`,
        true,
      )
    case 'SQLITE_FULL':
      return failure('quota', `The disk that holds ${path} is full. Free some space.`, true)
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
    case 'SQLITE_AUTH':
      return denied(path, cause)
    case 'SQLITE_CANTOPEN':
      return failure(
        'not-found',
        `The database ${path} cannot be opened (${because}). Check that it is a file, and that it and its folder can be read and written.`,
        true,
      )
    case 'SQLITE_NOTADB':
      return failure(
        'invalid',
        `${path} is no SQLite database. Set FILE_SYNC_SQLITE_PATH to another file, or move this one away.`,
        false,
      )
    case 'SQLITE_CORRUPT':
      return failure(
        'invalid',
        `The database ${path} is damaged (${because}). Restore it from a backup, or move it away: a new one is then filled from the files.`,
        false,
      )
    case 'SQLITE_TOOBIG':
      return failure('too-large', `The content is larger than SQLite can hold.`, false)
    case 'SQLITE_CONSTRAINT':
    case 'SQLITE_MISMATCH':
      return failure('invalid', `The database ${path} refuses the record: ${because}.`, false)
    case 'SQLITE_ERROR':
    case 'SQLITE_SCHEMA':
      return failure('schema', `The database ${path} does not understand a statement: ${because}.`, true)
    case 'SQLITE_IOERR':
      return failure('unknown', `Reading or writing ${path} failed (${code}). Check the disk.`, true)
    default:
      return failure('unknown', `The database ${path} failed: ${because} (${code}).`, true)
  }
}

export function denied(path: string, cause?: unknown): AdapterError {
  return new AdapterError(
    'denied',
    `No permission to write ${path}. Give this user write access to the file and to its folder (SQLite keeps -wal and -shm files beside it).`,
    { retryable: false, cause },
  )
}

/** `SQLITE_BUSY` of `SQLITE_BUSY_SNAPSHOT`. */
function primary(code: string): string {
  return code.split('_', 2).join('_')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
