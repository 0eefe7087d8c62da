/** A person's agreement to run a custom adapter, asked for and given through a client (trust.ts keeps it). */
import type { AdapterCode } from '../../contract/folders.ts'
import type { Environment } from '../../engine/core/settings.ts'
import { ConfigurationError } from '../errors.ts'
import type { Project } from '../project.ts'
import { adapterTrust, trustAdapter } from '../trust.ts'
import { refused } from './errors.ts'

export interface ShownCode {
  readonly code: AdapterCode
  readonly isTrusted: boolean
}

/** Null where no custom adapter is configured. Throws ConfigurationError where its module is missing. */
export function codeOf(project: Project, env: Environment): ShownCode | null {
  const trust = adapterTrust(project, env)
  if (trust === null) return null
  const { path, hash, imports, isTrusted } = trust
  return {
    code: { path, hash, imports: imports.map(file => ({ path: file.path, hash: file.hash })) },
    isTrusted,
  }
}

/** Throws REFUSED where the code is not what was shown. */
export function agreeToCode(project: Project, env: Environment, code: AdapterCode): void {
  try {
    trustAdapter(project, env, { ...code, isTrusted: false })
  } catch (error) {
    const hasChanged = error instanceof ConfigurationError && error.code === 'adapter-untrusted'
    throw hasChanged ? refused('changed', error.message) : error
  }
}
