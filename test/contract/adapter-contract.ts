/** The exported contract suite (src/adapter-contract), run by Vitest. */
import { describe, test } from 'vitest'
import { adapterContract as registerContract, type AdapterHarness } from '../../src/adapter-contract/index.ts'

/** A slow server fills thousands of records. Milliseconds. */
const TIMEOUT_MS = 120_000

export type { AdapterHarness }

export function adapterContract(name: string, open: () => Promise<AdapterHarness>): void {
  registerContract(name, open, { describe, test: (title, body) => test(title, body, TIMEOUT_MS) })
}
