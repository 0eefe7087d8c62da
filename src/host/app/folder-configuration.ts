/** A folder's configuration as it lies on the disk: read anew when it has changed, its last good form kept. */
import { basename, join } from 'node:path'
import type { AdapterCode } from '../../contract/folders.ts'
import type { FolderState } from '../../contract/state.ts'
import type { Environment } from '../../engine/core/settings.ts'
import { errorMessage } from '../../platform/os-error.ts'
import { ConfigurationError } from '../errors.ts'
import { loadProject, type Project, projectFingerprint } from '../project.ts'
import { readSettingsFile } from '../settings-file.ts'
import { codeOf } from './trust-code.ts'

export class FolderConfiguration {
  readonly #path: string
  readonly #env: Environment
  #fingerprint: string | null = null
  #project: Project | null = null
  #name: string
  #fault: FolderState['fault'] = null
  #untrusted: AdapterCode | null = null

  /** Reads nothing yet. */
  constructor(path: string, env: Environment) {
    this.#path = path
    this.#env = env
    this.#name = basename(path)
  }

  /** The last good one; null where there was none since the host began. */
  get project(): Project | null {
    return this.#project
  }
  /** The name in package.json, else the folder's. */
  get name(): string {
    return this.#name
  }
  get fault(): FolderState['fault'] {
    return this.#fault
  }
  /** Code that sync would run, and that nobody has agreed to. */
  get untrusted(): AdapterCode | null {
    return this.#untrusted
  }

  /** Whether anything is different. Costs a few stat calls where nothing is. Never throws: the folder has a fault then. */
  refresh({ force }: { readonly force: boolean }): boolean {
    const fingerprint = projectFingerprint(this.#path)
    if (!force && fingerprint === this.#fingerprint) return false
    this.#fingerprint = fingerprint
    try {
      const project = loadProject(this.#path, this.#env)
      this.#project = project
      this.#name = nameOf(project)
      this.#untrusted = untrustedCode(project, this.#env)
      this.#fault = null
    } catch (error) {
      this.fail(error)
    }
    return true
  }

  /** Whatever is wrong with this folder stays with it: others run on. */
  fail(error: unknown): void {
    const place = error instanceof ConfigurationError ? error : { code: 'failed', file: null, line: null }
    const { code, file, line } = place
    this.#fault = { code, message: errorMessage(error), file, line }
  }
}

function untrustedCode(project: Project, env: Environment): AdapterCode | null {
  const shown = codeOf(project, env)
  return shown === null || shown.isTrusted ? null : shown.code
}

function nameOf({ folder }: Project): string {
  try {
    const text = readSettingsFile(join(folder, 'package.json'), 'package.json') ?? ''
    const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    const hasName = typeof parsed === 'object' && parsed !== null && 'name' in parsed
    if (hasName && typeof parsed.name === 'string' && parsed.name.trim() !== '') return parsed.name.trim()
  } catch {
    // There need not be one; what is wrong with one that matters, loadProject has said.
  }
  return basename(folder)
}
