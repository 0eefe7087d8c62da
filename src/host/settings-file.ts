/**
 * Reads and writes the settings files of a project: .env, package.json, sync-config.json, what a backend needs there.
 *
 * A project folder may come from anywhere. What is no regular file is not read, and nothing is written outside of the
 * project through a link. What is none of UTF-8 (PowerShell 5 writes UTF-16) would be read as if nothing were in it.
 */
import { mkdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type AtomicFileOptions, writeFileAtomically } from '../platform/atomic-file.ts'
import { readRegularFile, UnreadableFileError } from '../platform/regular-file.ts'
import { ConfigurationError, type ConfigurationErrorCode } from './errors.ts'
import { isThere } from './locate-project.ts'
import { pathWithin } from './path-within.ts'

const MOST_BYTES = 2 ** 20

type FileErrorCode = Extract<ConfigurationErrorCode, 'config-invalid' | 'settings-invalid'>

/**
 * Null where there is no such file. A byte order mark stays. `file`: what a person calls it. Throws ConfigurationError.
 */
export function readSettingsFile(
  path: string,
  file: string,
  code: FileErrorCode = 'settings-invalid',
): string | null {
  try {
    return readSettingsText(path)
  } catch (cause) {
    if (!(cause instanceof UnreadableFileError)) throw cause
    throw new ConfigurationError(code, `It ${cause.message}. ${adviceFor(file, cause)}`, { file, cause })
  }
}

/** The same for a file that the settings name. Throws UnreadableFileError. */
export function readSettingsText(path: string): string | null {
  const bytes = readRegularFile(path, MOST_BYTES)
  if (bytes !== null && isUtf16(bytes)) throw new UnreadableFileError('is in UTF-16, not in UTF-8')
  return bytes?.toString('utf8') ?? null
}

function adviceFor(file: string, { message }: UnreadableFileError): string {
  if (message.includes('UTF-16')) return 'Save it as UTF-8 (in PowerShell: Set-Content -Encoding utf8).'
  if (file === '.env')
    return 'Put a file of text in its place, or give the settings as environment variables (op run does that for 1Password).'
  return 'Put a file of text in its place.'
}

/** By its mark, or, where it has none, by the zeros that it has beside each Latin letter. */
function isUtf16(bytes: Buffer): boolean {
  const [first, second] = bytes
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  return hasMark || bytes.includes(0)
}

/** `file`: project-relative; its folder is made where it is missing. Throws ConfigurationError, see `requireWithin`. */
export function writeSettingsFile(
  folder: string,
  file: string,
  text: string,
  options: AtomicFileOptions = {},
): void {
  requireWithin(folder, file)
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileAtomically(join(folder, file), text, options)
}

/**
 * That writing the file stays in the project. A link within it may be followed: then the link stays, and what it
 * leads to changes. Throws ConfigurationError.
 */
export function requireWithin(folder: string, file: string): void {
  const code: FileErrorCode = 'settings-invalid'
  const place = join(folder, file)
  if (pathWithin(folder, place) === null)
    throw new ConfigurationError(code, 'It lies outside of the project, so it is not written.', { file })
  const real = realOf(place)
  if (real === null) {
    const message = 'It is a link that leads nowhere, so it is not written. Put a file in its place.'
    throw new ConfigurationError(code, message, { file })
  }
  if (pathWithin(realOf(folder) ?? folder, real) !== null) return
  const message = `It leads out of the project, to ${real}, so it is not written. Put a file in the place of the link, or edit ${real} yourself.`
  throw new ConfigurationError(code, message, { file })
}

/** By whatever links; what does not exist yet lies where its folder does. Null for a link that leads nowhere. */
function realOf(path: string): string | null {
  try {
    return realpathSync.native(path)
  } catch {
    if (isThere(path)) return null
    const parent = dirname(path)
    const above = parent === path ? parent : realOf(parent)
    return above === null ? null : join(above, path.slice(parent.length))
  }
}
