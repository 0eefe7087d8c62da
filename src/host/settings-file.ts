/**
 * Reads a settings file: .env, package.json, sync-config.json. What is none of UTF-8 (PowerShell 5 writes UTF-16) would be
 * read as if nothing were in it, and a pipe or a device would never be read to its end: both are errors.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { errorCode } from '../platform/os-error.ts'
import { ConfigurationError, type ConfigurationErrorCode } from './errors.ts'

/** In bytes. */
const MOST_BYTES = 1024 * 1024

/** Never leaves this module. */
class Fault extends Error {}

/**
 * Null where there is no such file. A byte order mark stays. `file`: what a person calls it. Throws ConfigurationError.
 */
export function readSettingsFile(
  path: string,
  file: string,
  code: Extract<ConfigurationErrorCode, 'config-invalid' | 'settings-invalid'> = 'settings-invalid',
): string | null {
  try {
    const bytes = readBytes(path)
    if (bytes !== null && isUtf16(bytes))
      throw new Fault('It is in UTF-16. Save it as UTF-8 (in PowerShell: Set-Content -Encoding utf8).')
    return bytes?.toString('utf8') ?? null
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause
    throw new ConfigurationError(code, cause.message, { file, cause })
  }
}

function readBytes(path: string): Buffer | null {
  try {
    // Opening a pipe without it waits for whoever writes there.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stat = fstatSync(file)
      if (!stat.isFile()) throw new Fault('It is no regular file.')
      if (stat.size > MOST_BYTES) throw new Fault('It is larger than 1 MB.')
      return readFileSync(file)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    const code = errorCode(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new Fault(`It cannot be read (${code}). Check what it is and its permissions.`, { cause })
  }
}

/** By its mark, or, where it has none, by the zeros that it has beside each Latin letter. */
function isUtf16(bytes: Buffer): boolean {
  const [first, second] = bytes
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  return hasMark || bytes.includes(0)
}
