/**
 * Why a path may not become a file here (R11), as a sentence for a person.
 *
 * Looks at the text alone: whether a parent is a symbolic link is asked of the file system, just before it
 * is touched. Paths are project-relative with `/`, on every OS.
 */

export type PathOs = 'posix' | 'windows'

/** What ext4, APFS and NTFS all hold, in UTF-8 bytes. */
const MAX_COMPONENT_BYTES = 255
/** Far below the 4,096 of Linux, at the 1,024 of macOS, in UTF-8 bytes. */
const MAX_PATH_BYTES = 1024

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL_CHARACTER = /[\u0001-\u001f\u007f]/
const DRIVE_LETTER = /^[A-Za-z]:(?:\/|$)/
const WINDOWS_CHARACTER = /[<>:"|?*]/
// With any extension, and with spaces before it, Windows opens the device instead of a file.
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)/i
/** `GIT~1` opens `.git` (CVE-2019-1352): eight characters at most, a number among them, and an extension of three. */
const WINDOWS_SHORT_NAME = /^(?=[^.]{2,8}(?:\.|$))[^.~]{0,6}~[0-9]{1,6}(?:\.[^.]{0,3})?$/

export function pathFault(path: string, os: PathOs = 'posix'): string | null {
  if (path === '') return 'The path is empty.'
  if (!path.isWellFormed())
    return 'The path has half a character (a lone surrogate), so no file can have this name.'
  if (path.includes('\0')) return 'The path has a NUL character, so no file can have this name.'
  if (CONTROL_CHARACTER.test(path)) return 'The path has a control character, such as a line break.'
  if (path.startsWith('\\\\') || path.startsWith('//'))
    return 'The path names a network share; it must be relative to the project.'
  if (path.startsWith('/')) return 'The path is absolute; it must be relative to the project.'
  if (path.includes('\\')) return 'The path has a backslash, which Windows takes for a separator; use "/".'
  if (DRIVE_LETTER.test(path))
    return 'The path begins with a drive letter; it must be relative to the project.'
  if (path.endsWith('/')) return 'The path ends with "/", so it names a folder and not a file.'
  if (utf8Bytes(path) > MAX_PATH_BYTES) return `The path is longer than ${MAX_PATH_BYTES} bytes.`
  for (const component of path.split('/')) {
    const fault = componentFault(component) ?? (os === 'windows' ? windowsFault(component) : null)
    if (fault !== null) return fault
  }
  return null
}

function componentFault(component: string): string | null {
  if (component === '') return 'The path has two "/" in a row.'
  if (component === '..') return 'The path has a ".." in it, which could lead outside the project.'
  if (component === '.') return 'The path has a "." in it, so another path names the same file.'
  if (utf8Bytes(component) > MAX_COMPONENT_BYTES) {
    return `A name in the path is longer than ${MAX_COMPONENT_BYTES} bytes, which no file system here can hold.`
  }
  return null
}

function windowsFault(component: string): string | null {
  const character = WINDOWS_CHARACTER.exec(component)?.[0]
  if (character !== undefined)
    return `Windows cannot hold the name "${component}": it has ${character} in it.`
  if (/[. ]$/.test(component))
    return `Windows cannot hold the name "${component}": it ends with a dot or a space.`
  if (WINDOWS_DEVICE.test(component))
    return `Windows cannot hold the name "${component}": it is reserved for a device.`
  if (WINDOWS_SHORT_NAME.test(component))
    return `Windows may open another file by the name "${component}": it gives such short names to files with long ones.`
  return null
}

/** Assumes well-formed text. */
function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    // Each of a surrogate pair's two units stands for two of its four bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}
