/** What fails says why, in a form that the engine and a person can act on (R12, R13). */
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { createRemoteStore } from '../adapters/remote-store.ts'
import { AdapterError, type EngineAdapter } from '../engine/ports/adapter.ts'
import { nodeClock } from '../platform/node-clock.ts'
import type { CaseGroup } from './harness.ts'
import { contentOf, create, headsOf, PATIENCE_MS, SHARED } from './store-calls.ts'

/** What a call says that is given up after a while; a cut line may also just be waited for. */
const WAITS = 'it waits'
/** How long a call over a cut line is listened to, in milliseconds. */
const CUT_CALL_MS = 3_000
const TRY_AGAIN_MS = 250

export const FAILURES: CaseGroup = {
  name: 'failures',
  cases: [
    {
      name: 'R13 a cut line is "offline", to be tried again, and everything works once it is back',
      skip: ({ cut, reconnect }) =>
        cut === undefined || reconnect === undefined ? 'the harness cannot cut the connection' : null,
      async run({ harness, here, there }) {
        await here.commit([create('data/a.md', '1', 1_000)])
        await harness.cut!()
        const call = headsOf(here).then(
          () => 'it answers',
          (error: unknown) => error,
        )
        const outcome = await Promise.race([call, nodeClock.sleep(CUT_CALL_MS).then(() => WAITS)])
        if (outcome !== WAITS) {
          assert.ok(outcome instanceof AdapterError, `over a cut line: ${inspect(outcome)}`)
          assert.equal(outcome.retryable, true)
          assert.equal(outcome.code, 'offline')
        }
        await harness.reconnect!()
        await call
        assert.equal(await untilDone(() => here.commit([create('data/b.md', '2', 2_000)])), 'done')
        assert.equal(await contentOf(there, 'data/b.md'), '2')
      },
    },
    {
      name: 'R12 wrong credentials are "denied", and no secret is in the error',
      skip: ({ openDenied }) => (openDenied === undefined ? 'the harness has no wrong credentials' : null),
      async run({ harness }) {
        const { adapter, secret } = await harness.openDenied!()
        const error = await failureOf(adapter)
        assert.equal(error.code, 'denied')
        const everything = inspect(error, { depth: 10, showHidden: true })
        assert.ok(secret === '' || !everything.includes(secret), 'the secret is in the error')
      },
    },
    {
      name: 'R12 a database without the table is "schema" or "not-found", and the message says what to do',
      skip: ({ openWithoutTable }) =>
        openWithoutTable === undefined ? 'the harness has no database without the table' : null,
      async run({ harness }) {
        const error = await failureOf(await harness.openWithoutTable!())
        assert.ok(['schema', 'not-found'].includes(error.code), `it is ${error.code}: ${error.message}`)
        assert.match(error.message, /create|setup|run|deploy/i)
      },
    },
  ],
}

/** The error of the first call; disposes the adapter. */
async function failureOf(adapter: EngineAdapter): Promise<AdapterError> {
  const store = createRemoteStore(adapter, SHARED, { clock: nodeClock })
  try {
    await headsOf(store)
  } catch (error) {
    assert.ok(error instanceof AdapterError, `it is no AdapterError: ${inspect(error)}`)
    return error
  } finally {
    await adapter.dispose?.()
  }
  return assert.fail('the call succeeded')
}

/** Tries again as the engine does; 'lost' counts as done, where a try was carried out but not answered. */
async function untilDone(
  write: () => Promise<readonly { readonly status: 'done' | 'lost' | 'failed' }[]>,
): Promise<string> {
  let last = 'nothing'
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline;) {
    try {
      const [result] = await write()
      if (result?.status === 'done' || result?.status === 'lost') return 'done'
      last = JSON.stringify(result)
    } catch (error) {
      assert.ok(error instanceof AdapterError && error.retryable, inspect(error))
      last = error.message
    }
    await nodeClock.sleep(TRY_AGAIN_MS)
  }
  return `still failing: ${last}`
}
