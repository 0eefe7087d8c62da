/**
 * How many records to read at once. Heads do not tell sizes, so the number follows what the last reads
 * weighed: small files go by hundreds, large ones few at a time, and memory stays bounded.
 */
import type { RemoteRead } from './ports/remote-store.ts'

const FIRST_ITEMS = 64
/** Aim for this many UTF-16 units of content in one read. */
const READ_LENGTH = 4 * 1024 * 1024

export class ReadPace {
  readonly #most: number
  #items: number

  constructor(most: number) {
    this.#most = most
    this.#items = Math.min(FIRST_ITEMS, most)
  }

  get items(): number {
    return this.#items
  }

  note(reads: readonly RemoteRead[]): void {
    if (reads.length === 0) return
    const length = reads.reduce(
      (sum, read) => sum + (read.status === 'found' ? read.file.content.length : 0),
      0,
    )
    const fitting = Math.floor(READ_LENGTH / Math.max(1, length / reads.length))
    this.#items = Math.max(1, Math.min(this.#most, fitting, this.#items * 8))
  }
}
