/**
 * What every adapter must do, whatever its database: one suite for those that are built in, and for one of
 * your own. It needs a test framework with `describe` and `test`; assertions are those of `node:assert`.
 *
 * Conditional writes, heads and feeds are asked through the remote store, as the engine asks; the five
 * methods and the abilities are asked directly. Names quote the rules of SPEC.md (R1 to R15).
 */
import { createRemoteStore } from '../adapters/remote-store.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { BLIND_WRITES } from './blind-writes.ts'
import { CONDITIONAL_WRITES } from './conditional-writes.ts'
import { END } from './end.ts'
import { FAILURES } from './failures.ts'
import { FEED } from './feed.ts'
import type {
  AdapterHarness,
  CaseGroup,
  ContractCase,
  DeniedAdapter,
  TestContext,
  TestFramework,
} from './harness.ts'
import { RACES } from './races.ts'
import { RECORDS } from './records.ts'
import { SHARED } from './store-calls.ts'

export type { AdapterHarness, DeniedAdapter, TestContext, TestFramework }

const GROUPS: readonly CaseGroup[] = [CONDITIONAL_WRITES, RACES, RECORDS, BLIND_WRITES, FEED, FAILURES, END]

/**
 * Registers every case with the framework. `open` is called for each case and gives two adapters of one empty
 * database. Cases that the harness cannot show are skipped with the reason.
 */
export function adapterContract(
  name: string,
  open: () => Promise<AdapterHarness>,
  { describe, test }: TestFramework,
): void {
  describe(`${name} adapter`, () => {
    for (const { name: group, cases } of GROUPS) {
      describe(group, () => {
        for (const one of cases) test(one.name, context => run(one, open, context))
      })
    }
  })
}

async function run(
  { name, skip, run: body }: ContractCase,
  open: () => Promise<AdapterHarness>,
  context: TestContext,
): Promise<void> {
  const harness = await open()
  try {
    const reason = harness.limitations?.[name] ?? skip?.(harness) ?? null
    if (reason !== null) {
      // Vitest ends the test by throwing here; node:test only takes note.
      context.skip(reason)
      return
    }
    const here = createRemoteStore(harness.adapter, SHARED, { clock: nodeClock })
    const there = createRemoteStore(harness.other, SHARED, { clock: nodeClock })
    await body({ harness, here, there })
  } finally {
    await harness.adapter.dispose?.()
    await harness.other.dispose?.()
    await harness.cleanUp()
  }
}
