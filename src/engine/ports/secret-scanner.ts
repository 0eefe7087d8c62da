/**
 * Looks for values that look like secrets (R10.12). `scan` is asked only for contents of which the search for literals
 * (core/secret-search.ts) says that they may hold one; what a scanner needs for it is loaded then.
 */
import type { FoundSecret } from '../core/secrets.ts'

export interface SecretScanner {
  /** In the order of the file; lets the event loop have its turns. Rejects only when the signal aborts. */
  scan(bytes: Uint8Array, signal?: AbortSignal): Promise<readonly FoundSecret[]>
  /** What is kept of a value that is allowed: only this device can tell it again, and nobody the value from it. */
  trace(key: string): string
}
