/**
 * How much goes to Supabase at once, and what is known of its limits.
 *
 * - At most 1,000 rows in an answer, or fewer, as the project has set it; the server cuts in silence:
 *   https://supabase.com/docs/reference/javascript/select
 * - A statement of an anonymous request may take 3 s, of a signed-in one 8 s:
 *   https://supabase.com/docs/guides/database/postgres/timeouts
 * - A change of more than 1,024 KB comes through Realtime without its longer columns; the free plan carries
 *   100 messages a second and 200 connections: https://supabase.com/docs/guides/realtime/limits
 * - Proxies before the server refuse long URLs; supabase-js warns from 8,000 characters on.
 *
 * No limit is documented for the body of a request, so what one record may hold is ours: it is written well
 * within 3 s.
 */
import type { AdapterLimits } from '../../engine/ports/adapter.ts'

const MEBIBYTE = 2 ** 20

export const LIMITS: AdapterLimits = {
  contentBytes: 8 * MEBIBYTE,
  batchItems: 500,
  batchBytes: 2 * MEBIBYTE,
}

/** Heads asked for in one page: what a project allows that nobody has changed. */
export const HEADS_PAGE = 1_000
/** Records with their contents asked for in one page, or by their ids. */
export const RECORDS_PAGE = 50
/** Bytes of the ids in one URL. */
export const URL_BYTES = 6_000
/** Calls under way at a time, of those that belong together. */
export const PARALLEL_CALLS = 6
/** A call that is not answered by then has failed, in milliseconds. */
export const CALL_TIMEOUT_MS = 60_000
