/** Puts a state back whose file was removed, or exchanged, while it was open: nobody else has its history (R1). */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from '../make-folder.ts'
import { LOG_SUFFIXES } from './close-displaced.ts'
import type { OpenedStateStore } from './store.ts'

/**
 * Where it lies now: at `path`, or beside it where another state has come there. It is closed then. Throws where it
 * cannot be written, and stays open: `close` would end it. `now` in milliseconds since the epoch.
 */
export function rescueState(state: OpenedStateStore, path: string, now: number): string {
  makeFolder(dirname(path))
  const time = new Date(now).toISOString().replaceAll(/[:.]/g, '-')
  const copy = join(dirname(path), `state-rescued-${time}.db`)
  try {
    state.copyTo(copy)
  } catch (error) {
    rmSync(copy, { force: true })
    throw error
  }
  state.close()
  if (existsSync(path)) return copy
  // Of the file that is gone: another one must not take them for its own.
  for (const suffix of LOG_SUFFIXES) rmSync(path + suffix, { force: true })
  renameSync(copy, path)
  return path
}
