/**
 * A folder opened for questions and decisions beside its engine, which sees what is decided here. Opening
 * costs milliseconds and a database handle, so it is kept for a while; a changed configuration needs a new one.
 */
import { Folder, type FolderOptions } from '../folder.ts'
import { projectFingerprint } from '../project.ts'

/** In milliseconds. */
const KEPT_MS = 20_000

interface Opened {
  readonly fingerprint: string
  readonly folder: Promise<Folder>
  users: number
  timer: NodeJS.Timeout | null
}

export class Asking {
  readonly #options: FolderOptions
  readonly #open = new Set<Opened>()
  #current: Opened | null = null

  constructor(options: FolderOptions) {
    this.#options = options
  }

  /** Rejects with ConfigurationError where the folder cannot be opened. */
  async ask<Result>(work: (folder: Folder) => Promise<Result>): Promise<Result> {
    const opened = this.#take()
    try {
      return await work(await opened.folder)
    } finally {
      opened.users -= 1
      if (opened.users === 0) this.#release(opened)
    }
  }

  /** For when nobody asks any more. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map(opened => this.#end(opened)))
  }

  #take(): Opened {
    const fingerprint = projectFingerprint(this.#options.folder)
    const known = this.#current
    if (known !== null && known.fingerprint === fingerprint) {
      if (known.timer !== null) clearTimeout(known.timer)
      known.timer = null
      known.users += 1
      return known
    }
    const opened: Opened = { fingerprint, folder: Folder.open(this.#options), users: 1, timer: null }
    // Whoever asked is told; a folder that does not open is not kept.
    opened.folder.catch(() => this.#forget(opened))
    this.#open.add(opened)
    this.#current = opened
    if (known !== null && known.users === 0) this.#release(known)
    return opened
  }

  #release(opened: Opened): void {
    if (opened !== this.#current) {
      void this.#end(opened)
      return
    }
    opened.timer = setTimeout(() => void this.#end(opened), KEPT_MS)
    opened.timer.unref()
  }

  async #end(opened: Opened): Promise<void> {
    if (!this.#open.has(opened)) return
    this.#forget(opened)
    await opened.folder.then(
      folder => folder.close(),
      () => {},
    )
  }

  #forget(opened: Opened): void {
    this.#open.delete(opened)
    if (this.#current === opened) this.#current = null
    if (opened.timer !== null) clearTimeout(opened.timer)
  }
}
