/**
 * Reads a small file whose name may lead to anything: in a folder that somebody else has made, a pipe would never
 * be read to its end, a device may do something when it is opened, and a file may have any size.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { errorCode } from './os-error.ts'

/** `message` goes on after the file's name: `is a named pipe, not a regular file`. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError'
}

/** Null where there is no such file. `mostBytes`: larger ones are refused, unread. Throws UnreadableFileError. */
export function readRegularFile(path: string, mostBytes: number): Buffer | null {
  try {
    // Before it is opened: what opening does to a device is not ours to try.
    requireRegular(statSync(path))
    // What has become a pipe since would wait for whoever writes there.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      requireRegular(fstatSync(file))
      return readAtMost(file, mostBytes)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    if (cause instanceof UnreadableFileError) throw cause
    const code = errorCode(cause)
    if (code === 'ENOTDIR') return null
    if (code === 'ELOOP') throw new UnreadableFileError('is a link that leads in a circle', { cause })
    if (code !== 'ENOENT')
      throw new UnreadableFileError(`cannot be read (${code}); check its permissions`, { cause })
    if (isLink(path)) throw new UnreadableFileError('is a link that leads nowhere', { cause })
    return null
  }
}

function requireRegular(stat: Stats): void {
  if (!stat.isFile()) throw new UnreadableFileError(`is ${kindOf(stat)}, not a regular file`)
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'a folder'
  if (stat.isFIFO()) return 'a named pipe'
  if (stat.isSocket()) return 'a socket'
  return 'a device'
}

/** Files of the system (/proc) say that they are empty, and some have no end. */
function readAtMost(file: number, mostBytes: number): Buffer {
  const { size } = fstatSync(file)
  if (size > mostBytes) throw tooLarge(mostBytes)
  const parts: Buffer[] = []
  let total = 0
  for (;;) {
    const part = Buffer.allocUnsafe(Math.max(size - total, 0) + 4_096)
    const read = readSync(file, part, 0, part.length, null)
    if (read === 0) return Buffer.concat(parts)
    parts.push(part.subarray(0, read))
    total += read
    if (total > mostBytes) throw tooLarge(mostBytes)
  }
}

function tooLarge(mostBytes: number): UnreadableFileError {
  return new UnreadableFileError(`is larger than ${mostBytes / 2 ** 20} MB`)
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}
