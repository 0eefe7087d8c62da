/** The folders of this host: which there are, in which order, and which of them run. */
import { randomUUID } from 'node:crypto'
import type { PausedAll } from '../../contract/state.ts'
import { realpathSync } from 'node:fs'
import { errorMessage } from '../../platform/os-error.ts'
import { ConfigurationError } from '../errors.ts'
import { locateProject } from '../locate-project.ts'
import type { AppFile, KnownFolder } from './app-file.ts'
import { notFound, refused } from './errors.ts'
import { FolderEntry, type FolderEntryOptions } from './folder-entry.ts'
import type { StateFeed } from './state-feed.ts'

type Shared = Omit<FolderEntryOptions, 'known' | 'isPausedAll' | 'onChange'>

/** What nothing tells of is looked at this often, in milliseconds. */
const LOOK_MS = 1_000
/** A pause that could not be ended is tried to be ended again, in milliseconds. */
const RESUME_AGAIN_MS = 60_000
/** A timer cannot wait longer, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export class Folders {
  readonly #file: AppFile
  readonly #feed: StateFeed
  readonly #shared: Shared
  readonly #entries = new Map<string, FolderEntry>()
  readonly #looking: NodeJS.Timeout
  #resuming: NodeJS.Timeout | null = null
  /** Folders start and stop one after the other: a person may click quickly. */
  #turn: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(file: AppFile, feed: StateFeed, shared: Shared) {
    this.#file = file
    this.#feed = feed
    this.#shared = shared
    for (const known of file.now.folders) this.#entries.set(known.id, this.#entry(known))
    this.#looking = setInterval(() => this.#look(), LOOK_MS)
    this.#looking.unref()
  }

  get pausedAll(): PausedAll | null {
    return this.#file.now.pausedAll
  }

  /** In the person's order. */
  list(): FolderEntry[] {
    return this.#file.now.folders.flatMap(({ id }) => this.#entries.get(id) ?? [])
  }

  get(id: string): FolderEntry {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw notFound('folder', 'This folder is not kept here any more.')
    return entry
  }

  /** Real path → id; null where it is none of ours. */
  idOf(folder: string): string | null {
    return this.list().find(({ path }) => path === folder || realOrSame(path) === folder)?.id ?? null
  }

  async start(): Promise<void> {
    this.#resumeLater()
    await this.retain()
    await this.#followAll()
  }

  /** Tells each folder how long its history is kept. */
  async retain(): Promise<void> {
    await Promise.all(this.list().map(entry => entry.retain()))
  }

  /** Throws ConfigurationError where it is not configured. */
  async add(path: string, options: { isSample: boolean } = { isSample: false }) {
    const location = locateProject(path)
    if (location === null) {
      throw new ConfigurationError(
        'config-missing',
        `There is no sync-config.json in ${path} yet. Set it up first.`,
      )
    }
    const known = this.idOf(location.folder)
    if (known !== null) return { id: known, isNew: false }
    this.#refuseNested(location.folder)
    const folder: KnownFolder = {
      id: randomUUID(),
      path: location.folder,
      isPaused: false,
      isSample: options.isSample,
    }
    this.#file.change({ folders: [...this.#file.now.folders, folder] })
    const entry = this.#entry(folder)
    this.#entries.set(folder.id, entry)
    this.#publish(entry)
    this.#publishOrder()
    await this.#inTurn(() => entry.follow(folder))
    return { id: folder.id, isNew: true }
  }

  async remove(id: string): Promise<void> {
    const entry = this.get(id)
    this.#file.change({ folders: this.#file.now.folders.filter(folder => folder.id !== id) })
    this.#entries.delete(id)
    this.#feed.mark(`folder ${id}`, () => ({ type: 'folder-removed', id }))
    this.#publishOrder()
    await this.#inTurn(() => entry.close())
  }

  async setPaused(id: string, isPaused: boolean): Promise<void> {
    const entry = this.get(id)
    if (entry.known.isPaused === isPaused) return
    this.#file.changeFolder(id, { isPaused })
    entry.note(
      isPaused
        ? { kind: 'paused', author: 'person', reason: 'Somebody paused this folder.' }
        : { kind: 'resumed', author: 'person', reason: 'Somebody resumed this folder.' },
    )
    await this.#follow(entry)
  }

  async pauseAll(until: number | null): Promise<void> {
    await this.#setPausedAll({ until })
  }

  async resumeAll(): Promise<void> {
    await this.#setPausedAll(null)
  }

  /** Ids that are missing in the list keep their place at the end. */
  reorder(ids: readonly string[]): void {
    const place = new Map(ids.map((id, index) => [id, index]))
    const folders = this.#file.now.folders.toSorted(
      (a, b) => (place.get(a.id) ?? ids.length) - (place.get(b.id) ?? ids.length),
    )
    this.#file.change({ folders })
    this.#publishOrder()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#looking)
    if (this.#resuming !== null) clearTimeout(this.#resuming)
    await this.#turn
    await Promise.all([...this.#entries.values()].map(entry => entry.close()))
  }

  #entry(known: KnownFolder): FolderEntry {
    const entry: FolderEntry = new FolderEntry({
      ...this.#shared,
      known,
      isPausedAll: () => this.pausedAll !== null,
      onChange: () => this.#publish(entry),
    })
    return entry
  }

  #publish(entry: FolderEntry): void {
    if (!this.#entries.has(entry.id)) return
    this.#feed.mark(`folder ${entry.id}`, () => ({ type: 'folder', folder: entry.view() }))
  }

  #publishOrder(): void {
    this.#feed.mark('order', () => ({ type: 'order', ids: this.list().map(({ id }) => id) }))
  }

  async #setPausedAll(pausedAll: PausedAll | null): Promise<void> {
    this.#file.change({ pausedAll })
    this.#feed.mark('paused-all', () => ({ type: 'paused-all', pausedAll }))
    this.#resumeLater()
    await this.#followAll()
  }

  #resumeLater(): void {
    if (this.#resuming !== null) clearTimeout(this.#resuming)
    this.#resuming = null
    const until = this.pausedAll?.until ?? null
    if (until === null) return
    this.#resumeIn(Math.min(Math.max(0, until - Date.now()), LONGEST_TIMER_MS))
  }

  /** In milliseconds; where that fails (a full disk, say), again later. */
  #resumeIn(wait: number): void {
    this.#resuming = setTimeout(() => {
      this.resumeAll().catch((error: unknown) => {
        this.#shared.log.error('the pause could not be ended', { error: errorMessage(error) })
        this.#resumeIn(RESUME_AGAIN_MS)
      })
    }, wait)
    this.#resuming.unref()
  }

  async #followAll(): Promise<void> {
    await Promise.all(this.list().map(entry => this.#follow(entry)))
  }

  #follow(entry: FolderEntry): Promise<void> {
    return this.#inTurn(async () => {
      const known = this.#file.now.folders.find(({ id }) => id === entry.id)
      if (known !== undefined && !this.#isClosed) await entry.follow(known)
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  #look(): void {
    for (const entry of this.list()) entry.look()
  }

  /** Two engines in one another would write each other's files. */
  #refuseNested(folder: string): void {
    for (const { path, name } of this.list()) {
      const isNested = `${folder}/`.startsWith(`${path}/`) || `${path}/`.startsWith(`${folder}/`)
      if (isNested) {
        throw refused(
          'nested',
          `${folder} and ${path} (${name}) lie one in the other. Remove one first, or use one for both.`,
        )
      }
    }
  }
}

function realOrSame(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    return path
  }
}
