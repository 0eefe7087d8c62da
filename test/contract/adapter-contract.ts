/** The exported contract suite (src/adapter-contract), run by Vitest. */
import { describe, test } from 'vitest'
import { adapterContract as registerContract, type AdapterHarness } from '../../src/adapter-contract/index.ts'

export type { AdapterHarness }

export function adapterContract(name: string, open: () => Promise<AdapterHarness>): void {
  registerContract(name, open, { describe, test })
}
