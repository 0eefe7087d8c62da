/** The content root: that it is there, and that it is still the one it was (R8). */
import type { Problem } from './core/problem.ts'
import { type FileSystem, FileSystemError } from './ports/file-system.ts'

/** Tells one folder from another that took its place; null where there is no folder to be entered. */
export function rootIdentity(fs: FileSystem, contentRoot: string): string | null {
  try {
    const stat = fs.lstat(contentRoot)
    if (stat === null || stat.kind !== 'directory') return null
    return `${stat.ino}:${Math.round(stat.birthtimeMs)}`
  } catch (error) {
    if (error instanceof FileSystemError) return null
    throw error
  }
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
