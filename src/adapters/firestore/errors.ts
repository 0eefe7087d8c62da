/**
 * What Firestore and Google's sign-in refuse, as `AdapterError`s that say what to do (R12, R13).
 *
 * The codes are those of gRPC (https://grpc.io/docs/guides/status-codes/). Errors of Google's libraries carry
 * requests, tokens and keys along, so nothing of them is kept but their code and a cleaned message.
 */
import { AdapterError, type AdapterErrorCode } from '../../engine/ports/adapter.ts'
import { tooLarge } from './limits.ts'

/** gRPC's numbers, so that reading them needs no library. */
export const GRPC = {
  ok: 0,
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

/** Which database a message is about. */
export interface Place {
  readonly projectId: string
  readonly databaseId: string
  /** `host:port`; null for Google's own service. */
  readonly emulatorHost: string | null
}

export function toAdapterError(error: unknown, place: Place): AdapterError {
  if (error instanceof AdapterError) return error
  return statusError(codeOf(error), detailsOf(error), place)
}

export function statusError(code: number | null, details: string, place: Place): AdapterError {
  const said = clean(details)
  const cause = new Error(`gRPC status ${code ?? 'unknown'}: ${said}`)
  const failure = (kind: AdapterErrorCode, message: string, retryable: boolean): AdapterError =>
    new AdapterError(kind, message, { retryable, cause })
  const where = nameOf(place)

  switch (code) {
    case GRPC.unavailable:
    case GRPC.deadlineExceeded:
    case GRPC.cancelled:
      return failure('offline', `${where} cannot be reached (${said}). It is tried again by itself.`, true)
    case GRPC.internal:
      // A connection that breaks in the middle of an answer is reported like this.
      return isBrokenLine(said)
        ? failure('offline', `The connection to ${where} broke (${said}). It is tried again by itself.`, true)
        : failure('unknown', `${where} failed (${said}). It is tried again by itself.`, true)
    case GRPC.resourceExhausted:
      return failure(
        'quota',
        `The quota of ${where} is used up, or it is asked too often (${said}). It is tried again by itself, ever more slowly. The free quota comes back each day; billing in the Google Cloud console raises it.`,
        true,
      )
    case GRPC.unauthenticated:
      return failure('denied', unauthenticated(where, said), false)
    case GRPC.permissionDenied:
      return failure('denied', permissionDenied(place, said), false)
    case GRPC.notFound:
      return failure(
        'not-found',
        `There is no ${where} (${said}). Create it in the Firebase console (Firestore Database, Create database, Native mode), or correct GOOGLE_CLOUD_PROJECT.`,
        false,
      )
    case GRPC.failedPrecondition:
      return failedPrecondition(where, said, failure)
    case GRPC.aborted:
    case GRPC.alreadyExists:
      return failure(
        'conflict',
        `Others are writing to ${where} (${said}). It is tried again by itself.`,
        true,
      )
    case GRPC.invalidArgument:
    case GRPC.outOfRange:
      return isTooLarge(said)
        ? tooLarge(null)
        : failure('invalid', `${where} does not take what it was sent (${said}).`, false)
    case GRPC.unimplemented:
      return failure(
        'schema',
        `What answers is no Firestore in Native mode, or an emulator without this function (${said}).`,
        false,
      )
    default:
      return failure('unknown', `${where} failed (${said}). It is tried again by itself.`, true)
  }
}

/** A conditional write found another document than the one it was made for. */
export function isLost(code: number, message: string): boolean {
  if (code === GRPC.alreadyExists) return true
  if (code === GRPC.notFound) return !isDatabaseMissing(message)
  return code === GRPC.failedPrecondition && !/datastore mode|index/i.test(message)
}

/** The line is down or the service is busy, and a stream that ended may be taken up again at once. */
export function isPassing(code: number | null): boolean {
  switch (code) {
    case null:
    case GRPC.ok:
    case GRPC.cancelled:
    case GRPC.deadlineExceeded:
    case GRPC.aborted:
    case GRPC.internal:
    case GRPC.unavailable:
      return true
    default:
      return false
  }
}

export function codeOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'number' ? error.code : null
}

/**
 * Why no access token came: without the network it is the line that is down, though gRPC would call it a
 * refusal.
 */
export function tokenError(error: unknown): Error & { readonly code: number } {
  const message = clean(detailsOf(error))
  const code = isNetworkFailure(error) ? GRPC.unavailable : GRPC.unauthenticated
  return Object.assign(new Error(message), { code })
}

function failedPrecondition(
  where: string,
  said: string,
  failure: (kind: AdapterErrorCode, message: string, retryable: boolean) => AdapterError,
): AdapterError {
  if (/datastore mode/i.test(said))
    return failure(
      'schema',
      `${where} is in Datastore mode (${said}). Lockstep needs Native mode: create another database, or use another project.`,
      false,
    )
  if (/index/i.test(said))
    return failure(
      'schema',
      `${where} lacks an index (${said}). Remove the index exemptions of the fields "app" and "ownerId", or create the index that is named.`,
      false,
    )
  return failure('conflict', `${where} was changed meanwhile (${said}). It is tried again by itself.`, true)
}

function unauthenticated(where: string, said: string): string {
  const clock = /iat|exp|timeframe|short-lived/i.test(said)
    ? " Check this machine's clock: a wrong time makes Google refuse."
    : ''
  return `Google does not accept the credentials for ${where} (${said}).${clock} Create a new key for the service account (Firebase console, Project settings, Service accounts) and set GOOGLE_APPLICATION_CREDENTIALS to its file.`
}

function permissionDenied(place: Place, said: string): string {
  const where = nameOf(place)
  if (/has not been used|is disabled|SERVICE_DISABLED/i.test(said))
    return `The Firestore API of the project "${place.projectId}" is switched off (${said}). Enable it in the Google Cloud console, and create a database in Native mode.`
  return `The service account may not use ${where} (${said}). Give it the role "Cloud Datastore User" in the Google Cloud console (IAM), and check that its key belongs to this project.`
}

function nameOf({ projectId, databaseId, emulatorHost }: Place): string {
  const at = emulatorHost === null ? '' : ` at the emulator ${emulatorHost}`
  return `Firestore database "${databaseId}" of the project "${projectId}"${at}`
}

function isDatabaseMissing(message: string): boolean {
  return /database .*does not exist/i.test(message)
}

function isTooLarge(message: string): boolean {
  return /exceeds the maximum|exceeds the limit|longer than \d+ bytes|too large/i.test(message)
}

function isBrokenLine(message: string): boolean {
  return /RST_STREAM|GOAWAY|stream|connection|socket|ECONN/i.test(message)
}

function isNetworkFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return (
    /^(?:ECONN|EAI_|ENET|EHOST|ENOTFOUND|EPIPE|ETIMEDOUT|UND_ERR)/.test(code) ||
    /ECONN|EAI_AGAIN|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|fetch failed|socket hang up|network timeout/i.test(
      error.message,
    ) ||
    isNetworkFailure(error.cause)
  )
}

function detailsOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  if ('details' in error && typeof error.details === 'string' && error.details !== '') return error.details
  return 'message' in error ? String(error.message) : 'no reason was given'
}

const LONGEST_DETAILS = 500

/** Messages of Google's libraries may quote what they were given. */
function clean(details: string): string {
  return details
    .replaceAll(/-----BEGIN[\s\S]*?(?:-----END[^-]*-----|$)/g, '[key]')
    .replaceAll(/\bBearer\s+\S+/gi, 'Bearer [token]')
    .replaceAll(/\bya29\.[\w.-]+|\beyJ[\w-]+\.[\w-]+(?:\.[\w-]+)?/g, '[token]')
    .replaceAll(
      /("?(?:private_key|client_secret|refresh_token|assertion)"?\s*[:=]\s*)"?[^\s",}]+"?/gi,
      '$1[secret]',
    )
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_DETAILS)
}
