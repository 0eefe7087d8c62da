/** What stops contents for their own sake (R10.6): see `hold-contents.ts`. */
import type { Context } from './context.ts'
import type { Digest, Side } from './core/entry.ts'
import type { ContentReason } from './core/guard.ts'
import type { HoldRecord, StateChange } from './ports/state-store.ts'

export interface Gate {
  readonly reason: ContentReason
  /** Where the contents would come to. */
  readonly side: Side
  /** Whether it stops any content of the path. Asked for each step of each plan, so cheap. */
  watches(context: Context, path: string): boolean
  /** Whether this content of a path that it watches may come. */
  passes(context: Context, path: string, digest: Digest): boolean
  /** What a person's yes to the held content leads to: from then on it passes. */
  allow(hold: HoldRecord): readonly StateChange[]
}
