/**
 * A watcher on a `FakeDisk` (port: engine/ports/watcher): late, and if told so, forgetful and repetitive. Like a
 * real one it also tells of what the engine does itself.
 */
import type { Watcher, WatchListener, WatchTargets } from '../../src/engine/ports/watcher.ts'
import { isWithin } from '../../src/engine/core/tree.ts'
import type { DiskListener, FakeDisk } from './fake-disk.ts'
import type { VirtualTime } from './fake-clock.ts'
import type { Random } from './random.ts'

export interface WatcherFaults {
  /** Share of events that never come, in [0, 1]. */
  lost: number
  /** Share of events that come twice. */
  doubled: number
  /** Longest delay of an event, in milliseconds. */
  delayMs: number
}

export class FakeWatcher implements Watcher {
  readonly #disk: FakeDisk
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #faults: WatcherFaults
  readonly #owner: object
  #listener: WatchListener | null = null
  #onDisk: DiskListener | null = null

  constructor(disk: FakeDisk, time: VirtualTime, random: Random, faults: WatcherFaults, owner: object) {
    this.#disk = disk
    this.#time = time
    this.#random = random
    this.#faults = faults
    this.#owner = owner
  }

  async start(targets: WatchTargets, listener: WatchListener): Promise<void> {
    this.#listener = listener
    const isWatched = (path: string): boolean =>
      targets.folders.some(folder => isWithin(folder, path) || isWithin(path, folder))
    this.#onDisk = { onChange: path => isWatched(path) && this.#tell(path) }
    this.#disk.listeners.add(this.#onDisk)
  }

  async close(): Promise<void> {
    if (this.#onDisk !== null) this.#disk.listeners.delete(this.#onDisk)
    this.#listener = null
  }

  /** Events were dropped by the kernel, and it says so. */
  overflow(): void {
    this.#listener?.onOverflow()
  }

  #tell(path: string): void {
    const { lost, doubled, delayMs } = this.#faults
    if (this.#random.chance(lost)) return
    const times = this.#random.chance(doubled) ? 2 : 1
    for (let time = 0; time < times; time += 1) {
      const delay = this.#random.next() * delayMs
      this.#time.after(delay, () => this.#listener?.onDirty([path]), this.#owner)
    }
  }
}
