/**
 * Files that sync has replaced or removed, kept for a moment to see whether a program was still writing
 * into them (R1). What was written late is given back its place, on top of the base it was made from.
 */
import type { BaseEntry, Digest, Fingerprint } from './core/entry.ts'
import type { ChannelState } from './channel-state.ts'
import { putAside } from './history.ts'
import type { Clock } from './ports/clock.ts'
import type { Codec } from './ports/codec.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { Log } from './ports/log.ts'
import type { StateChange, StateStore } from './ports/state-store.ts'
import { type Kept, KEPT_MS, type Replacer } from './replace.ts'

/** When a kept file is tried again that could not be looked at or removed, in milliseconds. */
const TRY_AGAIN_MS = 5_000

export interface KeptChange {
  /** The base before the change: what a late write was an edit of. */
  readonly base: BaseEntry | null
  /** What the file held before the change. */
  readonly former: Digest
  /** What sync put in the kept file's place; null for a delete. */
  readonly written: Fingerprint | null
}

interface Waiting extends KeptChange {
  readonly kept: Kept
  readonly state: ChannelState
  /** By the monotonic clock: whatever the other shows meanwhile, a late write is looked for all that time. */
  readonly until: number
}

interface Ports {
  readonly clock: Clock
  readonly codec: Codec
  readonly state: StateStore
  readonly log: Log
}

export class KeptFiles {
  readonly #ports: Ports
  readonly #replacer: Replacer
  readonly #device: string
  readonly #waiting: Waiting[] = []
  /** Those that the file system would not let go. */
  #stuck: Waiting[] = []

  constructor(ports: Ports, replacer: Replacer, device: string) {
    this.#ports = ports
    this.#replacer = replacer
    this.#device = device
  }

  add(kept: Kept, state: ChannelState, change: KeptChange): void {
    const until = this.#ports.clock.monotonic() + KEPT_MS
    this.#waiting.push({ kept, state, ...change, until })
  }

  /** In milliseconds since the epoch; null where nothing waits. */
  nextAt(): number | null {
    const times = [...this.#waiting.slice(0, 1), ...this.#stuck].map(({ until }) => until)
    const { clock } = this.#ports
    return times.length === 0 ? null : clock.now() + Math.max(0, Math.min(...times) - clock.monotonic())
  }

  /** The temporary names that are in use. */
  temporaries(): Set<string> {
    return new Set([...this.#waiting, ...this.#stuck].map(({ kept }) => kept.temporary))
  }

  /** Releases what has waited long enough; returns the paths where a late write was found. */
  async release(): Promise<string[]> {
    const now = this.#ports.clock.monotonic()
    const found: string[] = []
    const isDue = ({ until }: Waiting): boolean => until <= now
    const due = this.#stuck.filter(isDue)
    this.#stuck = this.#stuck.filter(waiting => !isDue(waiting))
    // Later ones come later in the list.
    let first = this.#waiting[0]
    while (first !== undefined && isDue(first)) {
      this.#waiting.shift()
      due.push(first)
      first = this.#waiting[0]
    }
    for (const waiting of due) if (await this.#releaseOrKeep(waiting, now)) found.push(waiting.kept.path)
    return found
  }

  async #releaseOrKeep(waiting: Waiting, now: number): Promise<boolean> {
    try {
      return await this.#release(waiting)
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error
      this.#ports.log.info('a kept file could not be released', {
        path: waiting.kept.temporary,
        code: error.code,
      })
      this.#stuck.push({ ...waiting, until: now + TRY_AGAIN_MS })
      return false
    }
  }

  async #release(waiting: Waiting): Promise<boolean> {
    const { kept, state, base, former, written } = waiting
    const found = this.#replacer.release(kept)
    if (found === null) return false
    const { bytes: late, mtimeMs } = found
    this.#ports.log.info('a program wrote into a file while sync replaced it', { path: kept.path })
    // The edit was made on the old base, so the base goes back first: after a crash here the remote version
    // is fetched and compared again, and nothing is pushed over it unseen.
    const current = state.base.get(kept.path) ?? null
    const changes = setBase(state, kept.path, base)
    const digest = this.#ports.codec.digest(late)
    changes.push(
      ...putAside(state, kept.path, late, {
        digest,
        version: null,
        cause: 'recovered',
        time: this.#ports.clock.now(),
        device: this.#device,
        mtimeMs,
      }),
    )
    await this.#ports.state.commit(changes)
    const back = written === null ? this.#replacer.putBack(kept) : this.#replacer.putBackOver(kept, written)
    if (back === 'taken') {
      // The path holds something newer by now, with a base of its own. The late write is put on top of that.
      await this.#ports.state.commit(setBase(state, kept.path, current))
      state.lateWrites.push({ path: kept.path, former, bytes: late })
      this.#replacer.drop(kept)
    }
    state.pending.add(kept.path)
    return true
  }
}

/** The file is looked at again, so its fingerprint is not trusted. */
function setBase(state: ChannelState, path: string, base: BaseEntry | null): StateChange[] {
  const { scope } = state
  if (base === null) {
    state.base.delete(path)
    return [{ kind: 'base-delete', scope, path }]
  }
  const entry = { ...base, fingerprint: null }
  state.base.set(path, entry)
  return [{ kind: 'base-set', scope, path, entry }]
}
