/** One call of the connection test: how long it took, and what came of it. */
import { asAdapterError } from '../adapters/adapter-error.ts'
import { AdapterError } from '../engine/ports/adapter.ts'
import type { Clock } from '../engine/ports/clock.ts'
import type { ConnectFault } from './connect-advice.ts'

/** How long one step may take, in milliseconds: as long as the adapters' own calls, so that what the engine takes for an answer is one. */
export const STEP_LIMIT_MS = 60_000

export type Attempt<Value> = { readonly ms: number } & (
  | { readonly value: Value }
  | { readonly error: AdapterError }
)

/** Never rejects. */
export async function attempt<Value>(clock: Clock, call: () => Promise<Value>): Promise<Attempt<Value>> {
  const began = clock.monotonic()
  const over = new AbortController()
  const late = clock.sleep(STEP_LIMIT_MS, over.signal).then(() => {
    throw new AdapterError('offline', `There was no answer within ${STEP_LIMIT_MS / 1_000} s.`, {
      retryable: true,
    })
  })
  // When the call is over first, nobody listens to this one any more.
  late.catch(() => {})
  try {
    const value = await Promise.race([call(), late])
    return { ms: clock.monotonic() - began, value }
  } catch (error) {
    return { ms: clock.monotonic() - began, error: asAdapterError(error) }
  } finally {
    over.abort()
  }
}

export function faultOf({ code }: AdapterError): Exclude<ConnectFault, 'feed'> {
  switch (code) {
    case 'denied':
    case 'quota':
      return code
    case 'schema':
    case 'not-found':
      return 'schema'
    case 'invalid':
      return 'settings'
    case 'offline':
    case 'busy':
      return 'offline'
    case 'too-large':
    case 'conflict':
    case 'unknown':
      return 'unknown'
  }
}
