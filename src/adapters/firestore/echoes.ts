/**
 * Keeps back what the listener says of records that are being written here, until the write is answered.
 *
 * Often the listener is the faster one. Told as a change, our own write would be read back and paid for (R3);
 * what it says of others' writes is told a moment later.
 */
import type { RecordHead } from '../../engine/ports/adapter.ts'
import type { HeadChange } from './listen-target.ts'

export class Echoes {
  /** How many commits are writing a record. */
  readonly #writing = new Map<string, number>()
  readonly #held = new Map<string, HeadChange>()

  begin(ids: readonly string[]): void {
    for (const id of ids) this.#writing.set(id, (this.#writing.get(id) ?? 0) + 1)
  }

  /** What can be told now. */
  sift(changes: readonly HeadChange[]): HeadChange[] {
    return changes.filter(change => {
      if (!this.#writing.has(change.id)) return true
      this.#held.set(change.id, change)
      return false
    })
  }

  /** We have written this. */
  noteSet({ id, etag }: RecordHead): void {
    if (this.#held.get(id)?.head?.etag === etag) this.#held.delete(id)
  }

  /** We have deleted it. */
  noteDelete(id: string): void {
    if (this.#held.get(id)?.head === null) this.#held.delete(id)
  }

  /** What was not ours, and is to be told now. */
  end(ids: readonly string[]): HeadChange[] {
    const others: HeadChange[] = []
    for (const id of ids) {
      const left = (this.#writing.get(id) ?? 1) - 1
      if (left > 0) {
        this.#writing.set(id, left)
        continue
      }
      this.#writing.delete(id)
      const change = this.#held.get(id)
      if (change !== undefined) others.push(change)
      this.#held.delete(id)
    }
    return others
  }
}
