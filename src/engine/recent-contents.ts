/**
 * The bytes that looks have just read, so that a push need not read them again. Holds up to BUDGET_BYTES,
 * and nothing beyond a cycle.
 */
import { type Fingerprint, sameFingerprint } from './core/entry.ts'

const BUDGET_BYTES = 6 * 1024 * 1024

interface Recent {
  readonly fingerprint: Fingerprint
  readonly bytes: Uint8Array
}

export class RecentContents {
  readonly #contents = new Map<string, Recent>()
  #size = 0

  keep(path: string, fingerprint: Fingerprint, bytes: Uint8Array): void {
    this.#drop(path)
    if (this.#size + bytes.length > BUDGET_BYTES) return
    this.#contents.set(path, { fingerprint, bytes })
    this.#size += bytes.length
  }

  /** The bytes of the file as it was when it had this fingerprint. They are held no longer. */
  take(path: string, fingerprint: Fingerprint): Uint8Array | null {
    const recent = this.#contents.get(path)
    this.#drop(path)
    return recent !== undefined && sameFingerprint(recent.fingerprint, fingerprint) ? recent.bytes : null
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
