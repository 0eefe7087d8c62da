/**
 * What Supabase refuses, as `AdapterError`s that say what to do and hold no secret.
 *
 * PostgREST's codes: https://docs.postgrest.org/en/stable/references/errors.html; five characters are Postgres'
 * own: https://www.postgresql.org/docs/current/errcodes-appendix.html. Answers without a code come from the
 * proxies before it; their bodies may be whole pages, so only the status is told.
 */
import { AdapterError, type AdapterErrorCode } from '../../engine/ports/adapter.ts'

/** As supabase-js gives it; `status` is 0 where there was no answer. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly details: string
}

/** Errors name it where what it prints is missing in the database, and only there. */
export const SETUP = 'lockstep setup supabase'

export function toAdapterError(refusal: Refusal, url: string): AdapterError {
  const { status, code, message } = refusal
  const failure = (kind: AdapterErrorCode, text: string, retryable: boolean): AdapterError =>
    new AdapterError(kind, text, { retryable, cause: new Error(`HTTP ${status} ${code}`.trim()) })

  if (status === 0) return failure('offline', `${url} cannot be reached${reasonOf(refusal)}.`, true)
  const meaning = meaningOf(refusal)
  switch (meaning) {
    case 'no-table':
      return failure(
        'schema',
        `The table "files" is missing in ${url}, or is not shown to this key. Run the SQL that ${SETUP} prints in ${sqlEditor(url)}.`,
        true,
      )
    case 'wrong-table':
      return failure(
        'schema',
        `The table "files" in ${url} lacks a column (${message}). Run the SQL that ${SETUP} prints in ${sqlEditor(url)}: it adds what is missing and keeps all rows.`,
        true,
      )
    case 'forbidden':
      return failure(
        'denied',
        `${url} does not allow this (${message}). Its grants and row level security decide: sign in with SUPABASE_EMAIL and SUPABASE_PASSWORD, or run the SQL that ${SETUP} prints in ${sqlEditor(url)}.`,
        true,
      )
    case 'wrong-key':
      return failure(
        'denied',
        `${url} does not accept the key. Copy the publishable key of this very project into SUPABASE_PUBLISHABLE_KEY (dashboard, Settings, API Keys).`,
        false,
      )
    case 'signed-out':
      return failure('denied', `${url} does not accept the sign-in any more (${message}).`, true)
    case 'too-large':
      return failure('too-large', `The record is larger than ${url} takes in one request.`, false)
    case 'limit':
      return failure('invalid', `${url} refuses the record: ${message}.`, false)
    case 'rate':
      return failure('quota', `${url} has had too many requests for now; they go on later.`, true)
    case 'used-up':
      return failure(
        'quota',
        `${url} has used up what its plan allows (HTTP ${status}). See Usage in its dashboard; it is tried again.`,
        true,
      )
    case 'read-only':
      return failure(
        'quota',
        `The database of ${url} is read-only now, as Supabase makes it when the disk is full. See Database in its dashboard; it is tried again.`,
        true,
      )
    case 'busy':
      return failure('busy', `The database of ${url} is busy (${message}). It is tried again.`, true)
    case 'paused':
      return failure(
        'offline',
        `The project ${url} is paused. Restore it in its dashboard; until then all edits wait here.`,
        true,
      )
    case 'down':
      return failure('offline', `${url} does not answer for now (HTTP ${status}).`, true)
    case 'unknown':
      return failure('unknown', `${url} failed (${summaryOf(refusal)}).`, true)
  }
}

type Meaning =
  | 'no-table'
  | 'wrong-table'
  | 'forbidden'
  | 'wrong-key'
  | 'signed-out'
  | 'too-large'
  | 'limit'
  | 'rate'
  | 'used-up'
  | 'read-only'
  | 'busy'
  | 'paused'
  | 'down'
  | 'unknown'

function meaningOf({ status, code }: Refusal): Meaning {
  const byCode = meaningOfCode(code)
  if (byCode !== null) return byCode
  switch (status) {
    case 401:
    case 403:
      return 'wrong-key'
    case 402:
      return 'used-up'
    case 413:
      return 'too-large'
    case 429:
      return 'rate'
    case 540:
      return 'paused'
    default:
      return status >= 500 ? 'down' : 'unknown'
  }
}

const BY_CODE: Readonly<Record<string, Meaning>> = {
  PGRST205: 'no-table',
  '42P01': 'no-table',
  // The schema "public" is not offered at all.
  PGRST106: 'no-table',
  PGRST204: 'wrong-table',
  '42703': 'wrong-table',
  '42501': 'forbidden',
  PGRST301: 'signed-out',
  PGRST302: 'forbidden',
  PGRST303: 'signed-out',
  // Longer than an index can hold, which is what becomes of a path of some thousand characters.
  '54000': 'limit',
  '25006': 'read-only',
  '53100': 'read-only',
  '57014': 'busy',
  PGRST003: 'busy',
}

function meaningOfCode(code: string): Meaning | null {
  const known = BY_CODE[code]
  if (known !== undefined) return known
  if (/^PGRST00\d$/.test(code)) return 'down'
  if (!/^[0-9A-Z]{5}$/.test(code)) return null
  switch (code.slice(0, 2)) {
    case '08':
      return 'down'
    case '22':
    case '23':
      return 'limit'
    case '40':
    case '53':
    case '55':
    case '57':
      return 'busy'
    default:
      return null
  }
}

/** The sign-in has run out, or was ended elsewhere: signing in again may help. */
export function isSignedOut({ status, code }: Pick<Refusal, 'status' | 'code'>): boolean {
  return code === 'PGRST301' || code === 'PGRST303' || (status === 401 && code === '')
}

/** One write is refused for what it is; others may go on. */
export function isOfOneWrite({ code, retryable }: AdapterError): boolean {
  return code === 'denied' ? retryable : code === 'too-large' || code === 'invalid'
}

export function tooLarge(id: string, contentBytes: number): AdapterError {
  const message = `The content of ${id} is larger than ${contentBytes / 2 ** 20} MB, the most that one record may hold in Supabase.`
  return new AdapterError('too-large', message, { retryable: false })
}

/** A record that this user's policies hide, or do not let change. */
export function hidden(id: string, url: string): AdapterError {
  const message = `${url} does not let this user write the record ${id}: its row level security hides or protects it. The SQL that ${SETUP} prints holds the policies for shared and private files.`
  return new AdapterError('denied', message, { retryable: true })
}

interface AuthFailure {
  /** Undefined where there was no answer. */
  readonly status: number | undefined
  readonly code: string | undefined
  readonly message: string
}

/** Errors of the sign-in; the texts of the server never hold the password. */
export function signInError(error: AuthFailure, url: string): AdapterError {
  const { status = 0, code = '' } = error
  if (code === 'email_not_confirmed') {
    const message = `${url} wants the e-mail address of SUPABASE_EMAIL to be confirmed first. Follow the link that it has sent, or confirm the user in its dashboard.`
    return new AdapterError('denied', message, { retryable: true })
  }
  if (status === 400 || status === 422 || code === 'invalid_credentials') {
    const message = `${url} does not know SUPABASE_EMAIL with this SUPABASE_PASSWORD. Correct them in .env; the user is made in the dashboard, Authentication, Users.`
    return new AdapterError('denied', message, { retryable: false })
  }
  return toAdapterError({ status, code: '', message: error.message, details: '' }, url)
}

export function closed(): AdapterError {
  return new AdapterError('unknown', 'The connection to Supabase has been closed.', { retryable: true })
}

/** Where SQL is run in the dashboard; self-hosted ones have it elsewhere. */
function sqlEditor(url: string): string {
  const project = /^https:\/\/([a-z0-9]+)\.supabase\.(?:co|in|red)\b/.exec(url)?.[1]
  return project === undefined
    ? 'the SQL editor of its dashboard'
    : `https://supabase.com/dashboard/project/${project}/sql/new`
}

/** ` (ECONNREFUSED)`, where the system has said why; details may hold a whole stack. */
function reasonOf({ message, details }: Refusal): string {
  const code = /\((E[A-Z_]{3,}|UND_ERR_[A-Z_]+|[A-Z_]*CERT[A-Z_]*)\)/.exec(details)?.[1]
  if (code !== undefined) return ` (${code})`
  return message.includes('TimeoutError') ? ': it has not answered in time' : ''
}

function summaryOf({ status, code, message }: Refusal): string {
  return code === '' ? `HTTP ${status}` : `${code}: ${message}`
}
