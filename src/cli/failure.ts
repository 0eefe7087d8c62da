/** A command that failed: its exit code, and what a person and a program get to read. */
import { AdapterError } from '../engine/ports/adapter.ts'
import { ConfigurationError, DecisionError, FolderHeldError } from '../host/errors.ts'
import { stateFailure } from '../host/state-failure.ts'
import type { Environment } from './context.ts'
import { EXIT, EXIT_INTERRUPTED, type ExitCode } from './exit-code.ts'
import { quoted } from './text.ts'

/** What was asked for cannot be meant: a file that is named and not there, say. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface Failure {
  readonly exitCode: ExitCode
  /** The document under --json; what a person reads is its message. */
  readonly error: { readonly code: string; readonly message: string } & Readonly<Record<string, unknown>>
  /** What to do next, where the message does not say it. */
  readonly hint: string | null
}

/** `env`: the real environment. */
export function describeFailure(error: unknown, env: Environment): Failure {
  if (error instanceof ConfigurationError) return configurationFailure(error)
  if (error instanceof UsageError || error instanceof DecisionError)
    return failure(EXIT.usage, { code: 'usage', message: error.message })
  if (error instanceof FolderHeldError) {
    const { message, folder, holder } = error
    const hint = `lockstep status ${quoted(folder)} shows what it does.`
    return failure(EXIT.held, { code: 'folder-held', message, folder, holder }, hint)
  }
  if (error instanceof AdapterError) {
    const hint = 'lockstep doctor <folder> looks closer.'
    // What no retry can mend and the database never saw is a setting.
    const exitCode = error.code === 'invalid' && !error.retryable ? EXIT.usage : EXIT.error
    return failure(exitCode, { code: error.code, message: error.message, retryable: error.retryable }, hint)
  }
  if (isAbort(error)) return failure(EXIT_INTERRUPTED, { code: 'interrupted', message: 'interrupted' })
  const message = stateFailure(error, env) ?? messageOf(error)
  return failure(EXIT.error, { code: systemCode(error) ?? 'failed', message })
}

function configurationFailure(error: ConfigurationError): Failure {
  const { code, message, file, line } = error
  return failure(EXIT.usage, {
    code,
    message,
    ...(file === null ? {} : { file }),
    ...(line === null ? {} : { line }),
  })
}

function failure(exitCode: ExitCode, error: Failure['error'], hint: string | null = null): Failure {
  return { exitCode, error, hint }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** ENOENT, EACCES, … where the operating system said no. */
function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
