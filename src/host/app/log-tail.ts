/** The end of the log, for where there is no program to open it with. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { errorCode } from '../../platform/os-error.ts'

/** Read from the end, in bytes: more than two thousand lines. */
const TAIL_BYTES = 512 * 1024

export function lastLines(path: string, count: number): string[] {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
  try {
    const { size } = fstatSync(file)
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
    readSync(file, bytes, 0, bytes.length, size - bytes.length)
    const lines = bytes.toString('utf8').split('\n').filter(Boolean)
    // The first one may begin in its middle.
    return (size > bytes.length ? lines.slice(1) : lines).slice(-count)
  } finally {
    closeSync(file)
  }
}
