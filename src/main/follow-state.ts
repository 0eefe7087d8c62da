/** The host's state for whoever shows all of it, at most a few times a second: at once, then after each change. */
import type { AppState } from '../contract/state.ts'
import type { Host } from '../host/app/host.ts'
import { errorStack } from './error-stack.ts'

/** A tray need not follow faster, in milliseconds. */
const JOIN_MS = 250

export function followState(host: Host, show: (state: AppState) => void): { end: () => void } {
  const ending = new AbortController()
  let timer: NodeJS.Timeout | null = null
  const showNow = (): void => {
    timer = null
    if (!ending.signal.aborted) show(host.state())
  }
  const follow = async (): Promise<void> => {
    for await (const event of host.feed.watch(ending.signal)) {
      if (event.type === 'snapshot') showNow()
      else timer ??= setTimeout(showNow, JOIN_MS)
    }
  }
  follow().catch((error: unknown) => {
    host.log.error('the tray no longer follows', { error: errorStack(error) })
  })
  return {
    end: () => {
      ending.abort()
      if (timer !== null) clearTimeout(timer)
    },
  }
}
