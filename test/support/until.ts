/**
 * How tests wait: for a condition, with what was waited for and how things stood in the failure's message. Nothing is
 * timed: a limit is there to end a hang, and a machine that is slow and busy does not reach it.
 */

/** In milliseconds. */
export const PATIENCE_MS = 300_000
const POLL_MS = 10
/** Between two looks, as a multiple of what a look takes: what is waited for needs the processor more. */
const PAUSE = 9

/** Until `condition` holds; `explain` adds to the failure how things stand. A condition that throws ends the wait. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  explain: () => string | Promise<string> = () => '',
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const start = performance.now()
    if (await condition()) return
    const now = performance.now()
    if (now > deadline)
      throw new Error(`waited ${PATIENCE_MS / 1_000} s for ${what}, in vain\n${await explain()}`)
    await pace(Math.max(POLL_MS, PAUSE * (now - start)))
  }
}

/**
 * Time that belongs to the story a test tells, as that between two writes of a program. Never a wait: whatever may
 * have happened by its end may as well not have.
 */
export function pace(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms)
  })
}

/** `work`, or an error that says how things stood where it takes longer than anything but a hang does. */
export async function within<Value>(
  work: Promise<Value>,
  what: string,
  explain: () => string = () => '',
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const hang = new Promise<never>((_, reject) => {
    const fail = (): void =>
      reject(new Error(`waited ${PATIENCE_MS / 1_000} s for ${what}, in vain\n${explain()}`))
    timer = setTimeout(fail, PATIENCE_MS)
  })
  try {
    return await Promise.race([work, hang])
  } finally {
    clearTimeout(timer)
  }
}
