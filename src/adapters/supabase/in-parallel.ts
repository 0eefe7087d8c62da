/** Works on several items at a time; results are in the order of the items. */
import { PARALLEL_CALLS } from './limits.ts'

/** The first failure is the whole's, once nothing is under way any more. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  let isFailing = false
  const worker = async (): Promise<void> => {
    while (next < items.length && !isFailing) {
      const at = next++
      try {
        results[at] = await work(items[at]!)
      } catch (error) {
        isFailing = true
        throw error
      }
    }
  }
  const workers = Array.from({ length: Math.min(PARALLEL_CALLS, items.length) }, worker)
  for (const end of await Promise.allSettled(workers)) if (end.status === 'rejected') throw end.reason
  return results
}
