/**
 * What Convex and its client throw, as `AdapterError`s that say what to do (R12, R13).
 *
 * Convex gives clients of a production deployment the text of no error but of `ConvexError`s
 * (https://docs.convex.dev/functions/error-handling), so the functions answer with these where it matters, and
 * the texts looked for here are those of development deployments and of Convex itself. No text of the server's
 * is passed on with the key in it: a failed validation of arguments quotes them all.
 */
import { AdapterError, type AdapterErrorCode } from '../../engine/ports/adapter.ts'
import { LIMITS, LIMITS_URL } from './limits.ts'

export interface Place {
  /** The deployment's address, for messages. */
  readonly origin: string
  readonly syncKey: string | null
}

const SETUP =
  'Run `lockstep setup convex <folder>` for the project that deploys to it, then `npx convex dev` or `npx convex deploy` there.'

export function toAdapterError(error: unknown, place: Place): AdapterError {
  if (error instanceof AdapterError) return error
  const code = codeOf(error)
  const text = textOf(error, place)
  if (code === 'denied') return denied(place)
  if (code === 'too-large') return tooLarge('A record')
  if (isMissing(text)) return withoutFunctions(place)
  if (isOfOtherFunctions(text)) return otherFunctions(place, 'they take other arguments')
  if (/paused|disabled|exceeded|plan limits?|quota/i.test(text)) {
    const message = `The Convex deployment ${place.origin} takes no calls at the moment: ${text} See its usage in the dashboard, https://dashboard.convex.dev.`
    return failure('quota', message, false)
  }
  if (BUSY.test(text)) {
    return failure(
      'busy',
      `The Convex deployment ${place.origin} is busy (${text}). It is tried again.`,
      true,
    )
  }
  const message = `The Convex functions of ${place.origin} failed: ${text} The deployment's logs say more: https://dashboard.convex.dev.`
  return failure('unknown', message, true)
}

/** Codes of convex-backend for what passes by itself; its client retries most of them on its own. */
const BUSY =
  /OptimisticConcurrencyControlFailure|changed while it was being run|TooMany|too many|overloaded|rate.?limit|InternalServerError|ServiceUnavailable|FullError|ExpiredInQueue|SystemTimeoutError|try again/i

export function offline({ origin }: Place, because: string): AdapterError {
  const message = `The Convex deployment ${origin} ${because}. Check the network and CONVEX_URL; it is tried again.`
  return failure('offline', message, true)
}

export function closed(): AdapterError {
  return failure('offline', 'The connection to Convex was closed.', false)
}

export function denied({ origin, syncKey }: Place): AdapterError {
  const fault =
    syncKey === null
      ? 'it asks for a key, and CONVEX_SYNC_KEY is not set here'
      : 'CONVEX_SYNC_KEY is not the one that is set there'
  const message = `The Convex deployment ${origin} refused: ${fault}. Set the same value in .env and on the deployment (npx convex env set CONVEX_SYNC_KEY …).`
  return failure('denied', message, false)
}

export function withoutFunctions({ origin }: Place): AdapterError {
  const message = `The Convex deployment ${origin} has no functions of Lockstep, or CONVEX_URL names another deployment. ${SETUP}`
  return failure('schema', message, false)
}

export function otherFunctions({ origin }: Place, because: string): AdapterError {
  const message = `The functions of the Convex deployment ${origin} are not those that this version of Lockstep needs: ${because}. ${SETUP}`
  return failure('schema', message, false)
}

export function withoutIndexes({ origin }: Place, missing: readonly string[]): AdapterError {
  const message = `The schema of the Convex deployment ${origin} lacks ${missing.join(', ')}. Its convex/schema.ts needs \`...lockstepTables\` of ./files. ${SETUP}`
  return failure('schema', message, false)
}

export function tooLarge(what: string): AdapterError {
  const kibibytes = LIMITS.contentBytes / 1024
  const message = `${what} is larger than ${kibibytes} KiB, too large for Convex: a document may have 1 MiB with all its fields (${LIMITS_URL}).`
  return failure('too-large', message, false)
}

export function notWellFormed(what: string): AdapterError {
  const message = `${what} has half a character (an unpaired surrogate), which Convex does not store.`
  return failure('invalid', message, false)
}

export function invalidUrl(): AdapterError {
  const message =
    "CONVEX_URL is not a deployment's URL. It looks like https://happy-animal-123.convex.cloud; one that ends with .convex.site is for HTTP actions only."
  return failure('invalid', message, false)
}

function failure(code: AdapterErrorCode, message: string, retryable: boolean): AdapterError {
  return new AdapterError(code, message, { retryable })
}

function isMissing(text: string): boolean {
  return /could not find (?:public )?(?:function|module)|not a (?:public )?function|convex (?:dev|deploy)`?\?/i.test(
    text,
  )
}

function isOfOtherFunctions(text: string): boolean {
  return /ArgumentValidationError|extra field|missing the required field|does not match validator|Trying to execute|Index .* not found/i.test(
    text,
  )
}

/** The `code` that our functions put into a ConvexError. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('data' in error)) return null
  const { data } = error
  if (typeof data !== 'object' || data === null || !('code' in data)) return null
  return typeof data.code === 'string' ? data.code : null
}

/** What the server said, on one line, without what the client has put around it. */
function textOf(error: unknown, { syncKey }: Place): string {
  const text = (error instanceof Error ? error.message : String(error))
    .replace(/^\[CONVEX [^\]]*\]\s*/, '')
    .replace(/\[Request ID: [^\]]*\]\s*/, '')
    .replace(/\s*Called by client\s*$/, '')
    .replace(/\s+/g, ' ')
    .trim()
  const clean = syncKey === null ? text : text.replaceAll(syncKey, '…')
  return /[.!?]$/.test(clean) ? clean : `${clean}.`
}
