/** How much goes into the database at once. */
import type { AdapterLimits } from '../../engine/ports/adapter.ts'

const MEBIBYTE = 2 ** 20

export const LIMITS: AdapterLimits = {
  contentBytes: 64 * MEBIBYTE,
  batchItems: 500,
  batchBytes: 4 * MEBIBYTE,
}
