/** What persons have agreed to run: in LOCKSTEP_HOME, never in a project. One agreement for each project and module, the newest. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CodeFile } from '../adapters/custom/agreed-code.ts'
import { writeFileAtomically } from '../platform/atomic-file.ts'
import { makeFolder } from '../platform/make-folder.ts'
import { codeClosure } from './trust-closure.ts'

export interface Agreement {
  /** The project's real path. */
  readonly project: string
  /** The module first. */
  readonly files: readonly CodeFile[]
  /** Files that the module was seen to load, which its text does not name. */
  readonly seen?: readonly string[]
}

const FILE = 'trusted-adapters.json'
const PRIVATE_MODE = 0o600

/** `path`: the module's, relative to the project. Throws what the file system throws. */
export function adapterCode(home: string, project: string, path: string): CodeFile[] {
  const [module] = codeClosure(resolve(project, path))
  const seen = module === undefined ? [] : (agreementOn(home, project, module.path)?.seen ?? [])
  return codeClosure(resolve(project, path), seen)
}

/** `module`: its real path. */
export function agreementOn(home: string, project: string, module: string): Agreement | null {
  return loadAgreements(home).find(agreement => isOn(agreement, project, module)) ?? null
}

export function agree(home: string, project: string, files: readonly CodeFile[]): void {
  const seen = agreementOn(home, project, files[0]!.path)?.seen ?? []
  save(home, { project, files, seen })
}

/** From now on it is a part of what is asked about. */
export function noteSeen(home: string, { project, files, seen = [] }: Agreement, path: string): void {
  if (!seen.includes(path)) save(home, { project, files, seen: [...seen, path] })
}

function save(home: string, agreement: Agreement): void {
  const { project, files } = agreement
  const others = loadAgreements(home).filter(other => !isOn(other, project, files[0]!.path))
  makeFolder(home)
  const text = `${JSON.stringify([...others, agreement], null, 2)}\n`
  writeFileAtomically(join(home, FILE), text, { mode: PRIVATE_MODE })
}

function isOn({ project, files }: Agreement, onProject: string, module: string): boolean {
  return project === onProject && files[0]?.path === module
}

function loadAgreements(home: string): Agreement[] {
  try {
    const value: unknown = JSON.parse(readFileSync(join(home, FILE), 'utf8'))
    return Array.isArray(value) ? value.filter(isAgreement) : []
  } catch {
    // Missing or broken: then nothing is agreed to, and the person is asked.
    return []
  }
}

function isAgreement(value: unknown): value is Agreement {
  if (typeof value !== 'object' || value === null) return false
  if (!('project' in value) || typeof value.project !== 'string') return false
  if ('seen' in value && !(Array.isArray(value.seen) && value.seen.every(path => typeof path === 'string')))
    return false
  return 'files' in value && Array.isArray(value.files) && value.files.every(isCodeFile)
}

function isCodeFile(value: unknown): value is CodeFile {
  if (typeof value !== 'object' || value === null) return false
  return (
    'path' in value && typeof value.path === 'string' && 'hash' in value && typeof value.hash === 'string'
  )
}
