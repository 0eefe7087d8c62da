/**
 * The heads of one owner as the listener and our own writes have told them, whichever came first.
 *
 * Our own writes are known at once, so that nothing that was just written is missing or old here while the
 * listener's word is still on its way: a head that were missing would look like a delete (R8). What is older
 * than what is known is not believed; etags are times, so they can be compared.
 */
import type { RecordHead } from '../../engine/ports/adapter.ts'
import type { HeadChange, TargetState } from './listen-target.ts'

export class HeadsView {
  readonly #heads = new Map<string, RecordHead>()
  /** What we have deleted and the listener may still speak of: the etag that it had. */
  readonly #deleted = new Map<string, bigint>()

  get size(): number {
    return this.#heads.size
  }

  heads(): RecordHead[] {
    return [...this.#heads.values()]
  }

  clear(): void {
    this.#heads.clear()
    this.#deleted.clear()
  }

  /** Whether it said anything new. */
  set(head: RecordHead): boolean {
    const time = BigInt(head.etag)
    const known = this.#heads.get(head.id)
    if (known !== undefined && BigInt(known.etag) >= time) return false
    if ((this.#deleted.get(head.id) ?? -1n) >= time) return false
    this.#deleted.delete(head.id)
    this.#heads.set(head.id, head)
    return true
  }

  /** We have deleted what had this etag. */
  deleted(id: string, etag: string): void {
    const known = this.#heads.get(id)
    if (known !== undefined && BigInt(known.etag) > BigInt(etag)) return
    this.#heads.delete(id)
    this.#deleted.set(id, BigInt(etag))
  }

  /** The changes that said anything new. */
  apply({ changes, isWhole, readTime }: TargetState): HeadChange[] {
    const applied = changes.filter(change => this.#applyOne(change))
    return isWhole ? [...applied, ...this.#dropUnnamed(changes, readTime)] : applied
  }

  /** How many there are once these have been applied, too. */
  sizeWith(changes: readonly HeadChange[]): number {
    const added = changes.filter(({ id, head }) => head !== null && !this.#heads.has(id)).length
    const removed = changes.filter(({ id, head }) => head === null && this.#heads.has(id)).length
    return this.#heads.size + added - removed
  }

  #applyOne(change: HeadChange): boolean {
    if (change.head !== null) return this.set(change.head)
    const known = this.#heads.get(change.id)
    this.#deleted.delete(change.id)
    if (known === undefined || (change.at > 0n && BigInt(known.etag) > change.at)) return false
    return this.#heads.delete(change.id)
  }

  #dropUnnamed(changes: readonly HeadChange[], readTime: bigint): HeadChange[] {
    const named = new Set(changes.map(({ id }) => id))
    const dropped: HeadChange[] = []
    for (const { id, etag } of this.#heads.values()) {
      if (named.has(id) || BigInt(etag) > readTime) continue
      this.#heads.delete(id)
      dropped.push({ id, head: null, at: readTime })
    }
    return dropped
  }
}
