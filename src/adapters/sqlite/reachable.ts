/** Says why a database cannot be opened or made before SQLite tries to, whose own message names no cause. */
import { type Stats, accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { AdapterError } from '../../engine/ports/adapter.ts'
import { denied } from './errors.ts'

export function checkReachable(path: string): void {
  // better-sqlite3 trims names, and so would open another file.
  if (path !== path.trim()) throw invalid(`The path "${path}" of the database ends with a space.`)
  const folder = dirname(path)
  if (look(folder)?.isDirectory() !== true) {
    throw new AdapterError(
      'not-found',
      `The folder ${folder}, where the database belongs, does not exist. Make it, or set FILE_SYNC_SQLITE_PATH to another file.`,
      { retryable: true },
    )
  }
  const file = look(path)
  if (file !== null && !file.isFile()) throw invalid(`${path} is no file, so it cannot be the database.`)
  // The folder too: SQLite makes its log beside the file.
  for (const place of file === null ? [folder] : [path, folder]) assertWritable(place)
}

function look(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return null
    throw denied(path, error)
  }
}

function assertWritable(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw denied(path, error)
  }
}

function invalid(message: string): AdapterError {
  return new AdapterError('invalid', `${message} Set FILE_SYNC_SQLITE_PATH to another file.`, {
    retryable: false,
  })
}
