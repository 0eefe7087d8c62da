/**
 * Makes a folder and those above it, each by a call of its own: where nothing can be made and the system calls that
 * missing (Linux's /proc), `mkdirSync` with `recursive` tries for ever.
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode } from './os-error.ts'

/** What is ours holds what the files hold: for the owner alone. */
const PRIVATE_MODE = 0o700

/** Throws the system's own error. Folders that are there keep their mode. */
export function makeFolder(path: string): void {
  if (isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent)
  try {
    mkdirSync(path, { mode: PRIVATE_MODE })
  } catch (error) {
    // Another process may have made it just now.
    if (errorCode(error) !== 'EEXIST' || !isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
