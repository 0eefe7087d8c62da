/**
 * SQLite's files by what they begin with, whatever they are called (R10). They are written in place by their own program,
 * and may hold what is private: one that was the folder's database is an ordinary file once the settings name another.
 */
import type { Problem } from './problem.ts'

/**
 * The database, its rollback journal, its write-ahead log and that log's index (https://www.sqlite.org/fileformat.html,
 * https://www.sqlite.org/walformat.html), the last two in either byte order.
 */
const BEGINNINGS: readonly Uint8Array[] = [
  Uint8Array.from('SQLite format 3\0', character => character.charCodeAt(0)),
  Uint8Array.of(0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7),
  Uint8Array.of(0x37, 0x7f, 0x06, 0x82),
  Uint8Array.of(0x37, 0x7f, 0x06, 0x83),
  Uint8Array.of(0x18, 0xe2, 0x2d, 0x00, 0x00, 0x00, 0x00, 0x00),
  Uint8Array.of(0x00, 0x2d, 0xe2, 0x18, 0x00, 0x00, 0x00, 0x00),
]

export function isDatabaseFile(bytes: Uint8Array): boolean {
  return BEGINNINGS.some(
    beginning => bytes.length >= beginning.length && beginning.every((byte, index) => bytes[index] === byte),
  )
}

export function databaseFileProblem(path: string): Problem & { readonly path: string } {
  const message =
    'It holds an SQLite database or its log, whatever its name: its own program writes it in place, so a copy of it would be broken. It never syncs.'
  return { code: 'denied', path, message }
}
