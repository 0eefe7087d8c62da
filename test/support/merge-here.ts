/** Merges without a thread, where a test owns the time or runs a great many small merges. */
import { mergeFile, resolveFile } from '../../src/engine/core/merge.ts'
import type { Merger } from '../../src/engine/ports/merger.ts'

export const mergeHere: Merger = {
  async merge(file, signal) {
    signal?.throwIfAborted()
    return mergeFile(file)
  },
  async resolve(file, choices, signal) {
    signal?.throwIfAborted()
    return resolveFile(file, choices)
  },
}
