/**
 * What Convex takes at once (https://docs.convex.dev/production/state/limits, read in November 2026): 1 MiB a
 * document; 16 MiB of arguments; 16 MiB and 16,000 documents written and 16 MiB and 32,000 documents read by a
 * function; 1 s of a function's own time; on the free plan 4 MiB of writes a second.
 *
 * How much the functions read in one call is their own affair (functions/files.ts): they answer for as many
 * of the records asked for as they can, and the rest is asked for again.
 */
import type { AdapterLimits } from '../../engine/ports/adapter.ts'

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE

export const LIMITS: AdapterLimits = {
  // The rest of the document is for path, id, app, owner and names of fields.
  contentBytes: MEBIBYTE - 16 * KIBIBYTE,
  batchItems: 250,
  // A quarter of what the free plan writes in a second; a single content may be nearly as large.
  batchBytes: MEBIBYTE,
}

export const LIMITS_URL = 'https://docs.convex.dev/production/state/limits'
