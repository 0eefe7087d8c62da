/** What the OS or the database refused, in the words of a `Problem`. */
import type { Problem, ProblemCode } from './core/problem.ts'
import type { AdapterError, AdapterErrorCode } from './ports/adapter.ts'
import type { FileSystemError } from './ports/file-system.ts'

export function fileProblem(error: FileSystemError, path: string): Problem {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return {
        code: 'permission',
        path,
        message: `No permission (${error.code}). Give this user read and write access to it.`,
      }
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        code: 'disk-full',
        path,
        message: `The disk is full (${error.code}). Free some space; the file is tried again by itself.`,
      }
    case 'ENOTDIR':
    case 'EEXIST':
      return {
        code: 'blocked-by-file',
        path,
        message: 'A file stands where this path needs a folder. Move it away; the path is tried again.',
      }
    case 'EISDIR':
    case 'ENOTEMPTY':
      return {
        code: 'blocked-by-directory',
        path,
        message: 'A folder stands where this file should be. Move it away; the path is tried again.',
      }
    case 'ENAMETOOLONG':
    case 'EILSEQ':
    case 'EINVAL':
      return {
        code: 'unsupported-name',
        path,
        message: `This file system cannot hold a file of that name (${error.code}). Rename it on the other side.`,
      }
    case 'ELOOP':
      return linkProblem(path, error.path)
    default:
      return { code: 'io', path, message: `The file system reported ${error.code}: ${error.message}` }
  }
}

export function linkProblem(path: string, link: string): Problem {
  const what = link === path ? 'This is a symbolic link' : `${link} is a symbolic link`
  return {
    code: 'link',
    path,
    message: `${what}, and links are not followed. Put the real file here, or exclude it with a ! pattern.`,
  }
}

const DATABASE_CODES: Readonly<Record<AdapterErrorCode, ProblemCode>> = {
  offline: 'offline',
  busy: 'busy',
  denied: 'database-denied',
  'not-found': 'schema',
  schema: 'schema',
  'too-large': 'too-large',
  quota: 'quota',
  conflict: 'database-error',
  invalid: 'database-error',
  unknown: 'database-error',
}

export function databaseProblem(error: AdapterError, path?: string): Problem {
  const problem = { code: DATABASE_CODES[error.code], message: error.message }
  return path === undefined ? problem : { ...problem, path }
}
