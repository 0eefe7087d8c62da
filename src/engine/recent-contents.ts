/**
 * The bytes that looks have just read, so that a push need neither read nor hash them again. Holds up to
 * BUDGET_BYTES, and nothing beyond a cycle.
 */
import { type LocalEntry, sameFingerprint } from './core/entry.ts'

const BUDGET_BYTES = 6 * 1024 * 1024

interface Recent {
  readonly entry: LocalEntry
  readonly bytes: Uint8Array
}

export class RecentContents {
  readonly #contents = new Map<string, Recent>()
  #size = 0

  /** `entry` has the digest of `bytes`. */
  keep(path: string, entry: LocalEntry, bytes: Uint8Array): void {
    this.#drop(path)
    if (this.#size + bytes.length > BUDGET_BYTES) return
    this.#contents.set(path, { entry, bytes })
    this.#size += bytes.length
  }

  /** The very bytes that this entry was made from. They are held no longer. */
  take(path: string, { digest, fingerprint }: LocalEntry): Uint8Array | null {
    const recent = this.#contents.get(path)
    this.#drop(path)
    const isOf = recent?.entry.digest === digest && sameFingerprint(recent.entry.fingerprint, fingerprint)
    return isOf ? recent.bytes : null
  }

  clear(): void {
    this.#contents.clear()
    this.#size = 0
  }

  #drop(path: string): void {
    this.#size -= this.#contents.get(path)?.bytes.length ?? 0
    this.#contents.delete(path)
  }
}
