/** Long computations for a client in short slices, so that the engine and other clients get their turns. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** In milliseconds. */
const SLICE_MS = 8
/** Items between two looks at the clock. */
const STRIDE = 256
/** Items that are sorted at once: about a millisecond. */
const RUN = 4_096

export class Slices {
  #since = performance.now()
  #count = 0

  /** To be awaited where it is not undefined, after each item. */
  tick(): Promise<void> | undefined {
    this.#count += 1
    if (this.#count % STRIDE !== 0 || performance.now() - this.#since < SLICE_MS) return undefined
    return this.#rest()
  }

  async #rest(): Promise<void> {
    await nextTurn()
    this.#since = performance.now()
  }
}

/** A stable merge sort of runs; the result is a new array. */
export async function sortInSlices<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Promise<Item[]> {
  const slices = new Slices()
  let runs: Item[][] = []
  for (let at = 0; at < items.length; at += RUN) {
    runs.push(items.slice(at, at + RUN).sort(compare))
    await nextTurn()
  }
  while (runs.length > 1) {
    const merged: Item[][] = []
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(await merge(runs[at]!, runs[at + 1] ?? [], compare, slices))
    }
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<Item>(
  a: readonly Item[],
  b: readonly Item[],
  compare: (a: Item, b: Item) => number,
  slices: Slices,
): Promise<Item[]> {
  const merged: Item[] = []
  let left = 0
  let right = 0
  while (left < a.length && right < b.length) {
    merged.push(compare(b[right]!, a[left]!) < 0 ? b[right++]! : a[left++]!)
    const rest = slices.tick()
    if (rest !== undefined) await rest
  }
  for (; left < a.length; left++) merged.push(a[left]!)
  for (; right < b.length; right++) merged.push(b[right]!)
  return merged
}
