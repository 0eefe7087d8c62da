/**
 * Keeps the store fed: connects, subscribes, and after a loss does both again, for as long as the page lives.
 *
 * Events are joined: the store changes once a frame at most, however fast the host speaks.
 */
import type { StateEvent } from '../../contract/state.ts'
import { type Connect, SessionRefused } from '../connection/connection.ts'
import { setHost } from '../connection/host.ts'
import { setConnection, startAnew, takeEvents } from './app.ts'

/** Between two attempts, in milliseconds: quick at first, for a restarted daemon is back soon. */
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5_000

/** Returns when the signal is aborted, or when the host refuses this page for good. */
export async function feedStore(connect: Connect, signal: AbortSignal): Promise<void> {
  let wait = FIRST_WAIT_MS
  while (!signal.aborted) {
    try {
      await follow(connect, signal, () => {
        wait = FIRST_WAIT_MS
      })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof SessionRefused) {
        setConnection('refused')
        return
      }
    }
    setConnection('lost')
    await pause(wait, signal)
    wait = Math.min(wait * 2, LONGEST_WAIT_MS)
  }
}

async function follow(connect: Connect, signal: AbortSignal, onLive: () => void): Promise<void> {
  const { client, close, closed } = await connect(signal)
  setHost(client)
  startAnew()
  const joined = joinPerFrame()
  try {
    const events = await client.state.watch(undefined, { signal })
    const lost = closed.then(() => ({ done: true }) as const)
    const iterator = events[Symbol.asyncIterator]()
    for (;;) {
      const next = await Promise.race([iterator.next(), lost])
      if (next.done === true) return
      onLive()
      joined.add(next.value)
    }
  } finally {
    joined.flush()
    close()
  }
}

/** Collects events until the next frame. A hidden page gets no frames, so a timer stands in for them. */
function joinPerFrame() {
  let waiting: StateEvent[] = []
  let scheduled = false
  const flush = () => {
    scheduled = false
    const events = waiting
    waiting = []
    if (events.length > 0) takeEvents(events)
  }
  return {
    flush,
    add(event: StateEvent) {
      waiting.push(event)
      if (scheduled) return
      scheduled = true
      if (document.visibilityState === 'hidden') setTimeout(flush, 100)
      else requestAnimationFrame(flush)
    },
  }
}

/** Ends early when the page is shown again or the network is back: then a person is looking. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      removeEventListener('online', end)
      document.removeEventListener('visibilitychange', end)
      done()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    addEventListener('online', end)
    document.addEventListener('visibilitychange', end)
  })
}
