/** Waiting in tests: for a condition, with what was waited for in the failure's message. */

/** Generous, because the machine may be slow and busy; a test that needs it all has failed. Milliseconds. */
export const PATIENCE_MS = 60_000
const POLL_MS = 10

/** Until `condition` holds; `explain` adds to the failure what a person needs to understand it. */
export async function until(
  condition: () => boolean,
  what: string,
  explain: () => string = () => '',
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const start = performance.now()
    if (condition()) return
    const now = performance.now()
    if (now > deadline) throw new Error(`waited ${patienceMs / 1_000} s for ${what}, in vain\n${explain()}`)
    // What is waited for needs the processor more than the look at it does.
    await sleep(Math.max(POLL_MS, 3 * (now - start)))
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms)
  })
}
