/** Whatever an adapter throws, as an `AdapterError`: those of other people's making may throw anything. */
import { AdapterError, type AdapterErrorCode } from '../engine/ports/adapter.ts'

const OFFLINE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
])

export async function wrapError<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    throw asAdapterError(error)
  }
}

export function asAdapterError(error: unknown): AdapterError {
  if (error instanceof AdapterError) return error
  if (isAlike(error)) {
    const { code, message, retryable } = error
    return new AdapterError(code, message, { retryable, cause: error.cause })
  }
  const message = error instanceof Error ? error.message : String(error)
  if (isOffline(error)) {
    return new AdapterError('offline', `The database cannot be reached: ${message}.`, {
      retryable: true,
      cause: error,
    })
  }
  return new AdapterError('unknown', `The database failed: ${message}.`, { retryable: true, cause: error })
}

/** Every code there is: the compiler asks for a new one here. */
const CODES: Readonly<Record<AdapterErrorCode, true>> = {
  offline: true,
  busy: true,
  denied: true,
  'not-found': true,
  schema: true,
  'too-large': true,
  quota: true,
  conflict: true,
  invalid: true,
  unknown: true,
}

/** An adapter of the user's own need not be able to import our class: name, code and `retryable` suffice. */
function isAlike(error: unknown): error is AdapterError {
  if (!(error instanceof Error) || error.name !== 'AdapterError') return false
  const isKnown = 'code' in error && typeof error.code === 'string' && Object.hasOwn(CODES, error.code)
  return isKnown && 'retryable' in error && typeof error.retryable === 'boolean'
}

/** Network failures hide behind `fetch failed` and the like, as its cause. */
function isOffline(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string' && OFFLINE_CODES.has(error.code)) return true
  return isOffline(error.cause)
}
