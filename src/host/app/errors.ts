/** What goes wrong behind the contract, as one of its typed errors; what has no name stays an internal one. */
import { ORPCError } from '@orpc/server'
import { AdapterError } from '../../engine/ports/adapter.ts'
import { FileSystemError } from '../../engine/ports/file-system.ts'
import { RestoreError } from '../../engine/restore.ts'
import type { EngineHolder } from '../../engine/report.ts'
import { errorCode, errorMessage } from '../../platform/os-error.ts'
import { ConfigurationError, DecisionError, FolderHeldError } from '../errors.ts'
import { ResolveError } from '../resolve-conflict.ts'

export function notFound(what: string, message: string): ORPCError<'NOT_FOUND', { what: string }> {
  return new ORPCError('NOT_FOUND', { status: 404, message, data: { what } })
}

/** The request makes no sense as things are; `message` says what to do instead. */
export function refused(code: string, message: string): ORPCError<'REFUSED', { code: string }> {
  return new ORPCError('REFUSED', { status: 409, message, data: { code } })
}

export function stale<Data>(data: Data, message: string): ORPCError<'STALE', Data> {
  return new ORPCError('STALE', { status: 409, message, data })
}

function held(message: string, holder: EngineHolder | null) {
  return new ORPCError('HELD', { status: 423, message, data: { holder } })
}

/** The error to throw in the place of `error`. */
export function asContractError(error: unknown): unknown {
  if (error instanceof ORPCError) return error
  if (error instanceof ConfigurationError) {
    const { code, file, line, message } = error
    return new ORPCError('CONFIGURATION', { status: 422, message, data: { code, file, line } })
  }
  if (error instanceof AdapterError) {
    const { code, retryable, message } = error
    return new ORPCError('BACKEND', { status: 502, message, data: { code, retryable } })
  }
  if (error instanceof FolderHeldError) return held(error.message, error.holder)
  if (error instanceof RestoreError) return refused('restore', error.message)
  if (error instanceof DecisionError) return refused('decide', error.message)
  if (error instanceof ResolveError) return refused('resolve', error.message)
  const isSystem = error instanceof FileSystemError || errorCode(error) !== 'UNKNOWN'
  if (!isSystem) return error
  return new ORPCError('SYSTEM', {
    status: 500,
    message: errorMessage(error),
    data: { code: errorCode(error) },
  })
}

/** This machine, or the way the app runs, does not offer it. */
export function cannot(message: string) {
  return refused('not-here', message)
}
