/**
 * The two failures that belong to a whole folder and that a person must mend before anything can run.
 * A client tells them apart by class; `message` is complete: where, what is wrong, and what to do.
 */
import type { EngineHolder } from '../engine/report.ts'

export type ConfigurationErrorCode =
  /** There is no such folder, or it cannot be read. */
  | 'folder-missing'
  /** No sync-config.json where one is looked for. */
  | 'config-missing'
  | 'config-invalid'
  /** Something in .env, the environment or package.json. */
  | 'settings-invalid'
  /** It is another one by now than what was read at the start. */
  | 'config-changed'
  /** The module that FILE_SYNC_ADAPTER names is not there, or cannot be read. */
  | 'adapter-missing'
  /** It is there, and no person has agreed to run it as it is now. */
  | 'adapter-untrusted'
  /** Secrets of this machine would go to a host, or tables into a database, that nobody has agreed to. */
  | 'unconfirmed'

export interface ConfigurationErrorOptions {
  /** The file to mend, project-relative where it lies in the project. */
  readonly file?: string
  /** From 1. */
  readonly line?: number
  /** The setting at fault, where it is one. */
  readonly variable?: string
  readonly cause?: unknown
}

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code: ConfigurationErrorCode
  readonly file: string | null
  readonly line: number | null
  readonly variable: string | null

  constructor(code: ConfigurationErrorCode, message: string, options: ConfigurationErrorOptions = {}) {
    super(`${place(options)}${message}`, { cause: options.cause })
    this.code = code
    this.file = options.file ?? null
    this.line = options.line ?? null
    this.variable = options.variable ?? null
  }
}

function place({ file, line }: ConfigurationErrorOptions): string {
  if (file === undefined) return ''
  return line === undefined ? `${file}: ` : `${file}, line ${line}: `
}

/** R14: another engine runs on the folder. */
export class FolderHeldError extends Error {
  override readonly name = 'FolderHeldError'
  readonly folder: string
  readonly holder: EngineHolder

  constructor(folder: string, holder: EngineHolder) {
    super(
      `${folder} is held by process ${holder.pid} (${holder.command}, ` +
        `since ${new Date(holder.startedAt).toISOString()}). Stop that one first; one engine keeps a folder.`,
    )
    this.folder = folder
    this.holder = holder
  }
}

/** What is to be approved, restored or trusted cannot be. Nothing was decided. */
export class DecisionError extends Error {
  override readonly name = 'DecisionError'
}
