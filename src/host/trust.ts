/**
 * Whether a custom adapter may run (design, section 1: FILE_SYNC_ADAPTER).
 *
 * A project folder may come from anywhere, and its `.env` names code. So that code runs only once a person
 * has agreed to exactly these files, in this project; an edit of any of them asks again. Agreements lie in
 * LOCKSTEP_HOME, never in the project. One agreement for each project and module, the newest.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Environment } from '../engine/core/settings.ts'
import { writeFileAtomically } from '../platform/atomic-file.ts'
import { lockstepHome } from '../platform/home.ts'
import { makeFolder } from '../platform/make-folder.ts'
import { errorCode, errorMessage } from '../platform/os-error.ts'
import { UnreadableFileError } from '../platform/regular-file.ts'
import { ConfigurationError } from './errors.ts'
import type { Project } from './project.ts'
import { codeClosure, type CodeFile } from './trust-closure.ts'

export interface AdapterTrust {
  /** The module's real path. */
  readonly path: string
  /** SHA-256 of the module's bytes, in hex. */
  readonly hash: string
  /** What it imports by relative paths, and what these import: agreed to together with it. */
  readonly imports: readonly CodeFile[]
  readonly isTrusted: boolean
}

/**
 * With FILE_SYNC_BACKEND=custom; null otherwise. `env` is the real environment: LOCKSTEP_HOME counts there alone.
 * Throws ConfigurationError 'adapter-missing' where there is no such module.
 */
export function adapterTrust(project: Project, env: Environment): AdapterTrust | null {
  const { settings, folder } = project
  if (settings.backend !== 'custom') return null
  const [module, ...imports] = readCode(resolve(folder, settings.adapterPath), settings.adapterPath)
  if (module === undefined) throw missing(settings.adapterPath)
  const isTrusted = loadAgreements(lockstepHome(env)).some(
    agreement =>
      agreement.project === folder && describeCode(agreement.files) === describeCode([module, ...imports]),
  )
  return { ...module, imports, isTrusted }
}

/**
 * Records that the person agrees to run what they were shown. Throws ConfigurationError 'adapter-untrusted'
 * where the files have changed since.
 */
export function trustAdapter(project: Project, env: Environment, shown: AdapterTrust): void {
  const home = lockstepHome(env)
  const now = adapterTrust(project, env)
  const files = ({ path, hash, imports }: AdapterTrust): CodeFile[] => [{ path, hash }, ...imports]
  if (now === null || describeCode(files(now)) !== describeCode(files(shown))) {
    const message = `${shown.path} has changed since its hash was shown. Look at it again.`
    throw new ConfigurationError('adapter-untrusted', message)
  }
  const others = loadAgreements(home).filter(
    agreement => agreement.project !== project.folder || agreement.files[0]?.path !== now.path,
  )
  saveAgreements(home, [...others, { project: project.folder, files: files(now) }])
}

/** Throws ConfigurationError 'adapter-untrusted', which shows the path and the hash and says how to agree. */
export function requireTrust(project: Project, env: Environment): AdapterTrust | null {
  const trust = adapterTrust(project, env)
  if (trust === null || trust.isTrusted) return trust
  const { path, hash, imports } = trust
  const message = [
    `FILE_SYNC_ADAPTER is code that nobody has agreed to run here: ${path} (SHA-256 ${hash}).`,
    ...(imports.length === 0
      ? []
      : [`It imports ${imports.map(file => `${file.path} (SHA-256 ${file.hash})`).join(', ')}.`]),
    'Read it; if you trust it, give the command once more with --trust-adapter. An edit of the file asks again.',
  ].join(' ')
  throw new ConfigurationError('adapter-untrusted', message)
}

function readCode(path: string, written: string): CodeFile[] {
  try {
    return codeClosure(path)
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') throw missing(written, cause)
    const what = cause instanceof UnreadableFileError ? `${written} ${cause.message}.` : errorMessage(cause)
    throw new ConfigurationError('adapter-missing', `FILE_SYNC_ADAPTER: ${what} Name the module's file.`, {
      cause,
    })
  }
}

function missing(written: string, cause?: unknown): ConfigurationError {
  const message = `FILE_SYNC_ADAPTER: there is no file ${written}. Its path is relative to the project.`
  return new ConfigurationError('adapter-missing', message, { cause })
}

interface Agreement {
  /** The project's real path. */
  readonly project: string
  /** The module first. */
  readonly files: readonly CodeFile[]
}

const FILE = 'trusted-adapters.json'
const PRIVATE_MODE = 0o600

function loadAgreements(home: string): Agreement[] {
  try {
    const value: unknown = JSON.parse(readFileSync(join(home, FILE), 'utf8'))
    return Array.isArray(value) ? value.filter(isAgreement) : []
  } catch {
    // Missing or broken: then nothing is agreed to, and the person is asked.
    return []
  }
}

function saveAgreements(home: string, agreements: readonly Agreement[]): void {
  makeFolder(home)
  writeFileAtomically(join(home, FILE), `${JSON.stringify(agreements, null, 2)}\n`, { mode: PRIVATE_MODE })
}

function isAgreement(value: unknown): value is Agreement {
  if (typeof value !== 'object' || value === null) return false
  if (!('project' in value) || typeof value.project !== 'string') return false
  return 'files' in value && Array.isArray(value.files) && value.files.every(isCodeFile)
}

function isCodeFile(value: unknown): value is CodeFile {
  if (typeof value !== 'object' || value === null) return false
  return (
    'path' in value && typeof value.path === 'string' && 'hash' in value && typeof value.hash === 'string'
  )
}

function describeCode(files: readonly CodeFile[]): string {
  return JSON.stringify(files.map(({ path, hash }) => [path, hash]))
}
