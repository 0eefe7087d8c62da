/**
 * Whether a custom adapter may run (design, section 1: FILE_SYNC_ADAPTER).
 *
 * A project folder may come from anywhere, and its `.env` names code. So that code runs only once a person
 * has agreed to exactly these files, in this project; an edit of any of them asks again.
 */
import type { AgreedCode, CodeFile } from '../adapters/custom/agreed-code.ts'
import type { Environment } from '../engine/core/settings.ts'
import { lockstepHome } from '../platform/home.ts'
import { errorCode, errorMessage } from '../platform/os-error.ts'
import { UnreadableFileError } from '../platform/regular-file.ts'
import { adapterCode, agree, agreementOn, noteSeen } from './adapter-agreements.ts'
import { ConfigurationError } from './errors.ts'
import type { Project } from './project.ts'

export interface AdapterTrust {
  /** The module's real path. */
  readonly path: string
  /** SHA-256 of the module's bytes, in hex. */
  readonly hash: string
  /** What it imports from files of its own, and what these import: agreed to together with it. */
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
  const home = lockstepHome(env)
  const [module, ...imports] = readCode(home, folder, settings.adapterPath)
  if (module === undefined) throw missing(settings.adapterPath)
  const agreed = agreementOn(home, folder, module.path)
  const isTrusted = agreed !== null && isSameCode(agreed.files, [module, ...imports])
  return { ...module, imports, isTrusted }
}

/**
 * Records that the person agrees to run what they were shown. Throws ConfigurationError 'adapter-untrusted'
 * where the files have changed since.
 */
export function trustAdapter(project: Project, env: Environment, shown: AdapterTrust): void {
  const now = adapterTrust(project, env)
  if (now === null || !isSameCode(filesOf(now), filesOf(shown))) {
    const message = `${shown.path} has changed since its hash was shown. Look at it again.`
    throw new ConfigurationError('adapter-untrusted', message)
  }
  agree(lockstepHome(env), project.folder, filesOf(now))
}

/**
 * The code that may run; null with another backend. Throws ConfigurationError 'adapter-untrusted', which shows paths and
 * hashes, or what has changed since somebody agreed, and says how to agree.
 */
export function requireTrust(project: Project, env: Environment): AgreedCode | null {
  const trust = adapterTrust(project, env)
  if (trust === null) return null
  const home = lockstepHome(env)
  const agreed = agreementOn(home, project.folder, trust.path)
  if (agreed !== null && trust.isTrusted)
    return { files: agreed.files, onUnknown: path => noteSeen(home, agreed, path) }
  const found = agreed === null ? describeNew(trust) : describeChanges(agreed.files, trust)
  const message = `${found} Read it; if you trust it, give the command once more with --trust-adapter. An edit of the file asks again.`
  throw new ConfigurationError('adapter-untrusted', message)
}

function describeNew({ path, hash, imports }: AdapterTrust): string {
  const module = `FILE_SYNC_ADAPTER is code that nobody has agreed to run here: ${describeFile({ path, hash })}.`
  return imports.length === 0 ? module : `${module} It imports ${imports.map(describeFile).join(', ')}.`
}

function describeChanges(agreed: readonly CodeFile[], trust: AdapterTrust): string {
  const former = new Map(agreed.map(file => [file.path, file.hash]))
  const now = filesOf(trust)
  const paths = new Set(now.map(file => file.path))
  const changed = now.filter(({ path, hash }) => former.has(path) && former.get(path) !== hash)
  const added = now.filter(({ path }) => !former.has(path))
  const changes = [
    ...changed.map(file => `${describeFile(file)} has changed`),
    ...added.map(file => `it now loads ${describeFile(file)}`),
    ...agreed.filter(({ path }) => !paths.has(path)).map(({ path }) => `${path} is no part of it any more`),
  ]
  return `FILE_SYNC_ADAPTER (${trust.path}) is other code than what was agreed to here: ${changes.join('; ')}.`
}

function describeFile({ path, hash }: CodeFile): string {
  return `${path} (SHA-256 ${hash})`
}

function readCode(home: string, project: string, written: string): CodeFile[] {
  try {
    return adapterCode(home, project, written)
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

function filesOf({ path, hash, imports }: AdapterTrust): CodeFile[] {
  return [{ path, hash }, ...imports]
}

function isSameCode(one: readonly CodeFile[], other: readonly CodeFile[]): boolean {
  const describe = (files: readonly CodeFile[]): string =>
    JSON.stringify(files.map(({ path, hash }) => [path, hash]))
  return describe(one) === describe(other)
}
