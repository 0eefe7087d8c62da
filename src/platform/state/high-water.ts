/**
 * How far the state has come, in a small file beside it: one that was put back from an older copy has not come as far
 * (R4). It is written behind the state, so after a power cut it may be behind, and never ahead.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** An epoch of the base; 0 where nothing is known. `path`: the state's. */
export function readHighWater(path: string): number {
  try {
    const epoch = Number(readFileSync(fileOf(path), 'utf8'))
    return Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 0
  } catch {
    // None yet, or not to be read: then an older copy is not known for one.
    return 0
  }
}

/** It only rises. */
export function raiseHighWater(path: string, epoch: number): void {
  if (epoch <= readHighWater(path)) return
  try {
    writeFileSync(fileOf(path), `${epoch}\n`, { mode: 0o600 })
  } catch {
    // As above.
  }
}

function fileOf(path: string): string {
  return join(dirname(path), 'state.mark')
}
