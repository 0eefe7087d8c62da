/** The content root: that it is there, and that it is still the one it was (R8). */
import type { Problem } from './core/problem.ts'
import { type FileStat, type FileSystem, FileSystemError } from './ports/file-system.ts'

/** Stands for a birth time that says nothing. */
const UNKNOWN = '?'

/** Tells one folder from another that took its place (`isSameRoot`); null where there is no folder to be entered. */
export function rootIdentity(fs: FileSystem, contentRoot: string): string | null {
  try {
    const stat = fs.lstat(contentRoot)
    if (stat === null || stat.kind !== 'directory') return null
    return `${stat.ino}:${isBirthKept(fs, stat) ? Math.round(stat.birthtimeMs) : UNKNOWN}`
  } catch (error) {
    if (error instanceof FileSystemError) return null
    throw error
  }
}

/** A folder that has not changed since it was made does not tell; then that of the project does. */
function isBirthKept(fs: FileSystem, stat: FileStat): boolean {
  if (hasOwnBirth(stat)) return true
  return fs.keepsBirths === true && stat.birthtimeMs > 0 && fs.lstat('')?.dev === stat.dev
}

/** Some file systems keep no times of birth, and some give the time of the last change for them. */
export function hasOwnBirth({ birthtimeMs, ctimeMs }: Pick<FileStat, 'birthtimeMs' | 'ctimeMs'>): boolean {
  return birthtimeMs > 0 && Math.round(birthtimeMs) !== Math.round(ctimeMs)
}

/** An identity is believed only where it is stable by itself: without a birth time another inode proves nothing. */
export function isSameRoot(a: string | null, b: string | null): boolean {
  if (a === b) return true
  if (a === null || b === null) return false
  return a.endsWith(UNKNOWN) || b.endsWith(UNKNOWN)
}

export function rootMissingProblem(contentRoot: string, isLink = false): Problem {
  const name = contentRoot || '(the project itself)'
  const message = isLink
    ? `The content root ${name} is a symbolic link, and links are not followed. Put the real folder here. Nothing is deleted anywhere; sync goes on once it is there.`
    : `The content root ${name} is not there. Nothing is deleted anywhere; sync goes on once it is back.`
  return { code: 'root-missing', message }
}

export function isRootLink(fs: FileSystem, contentRoot: string): boolean {
  try {
    return fs.lstat(contentRoot)?.kind === 'link'
  } catch (error) {
    if (error instanceof FileSystemError) return false
    throw error
  }
}
