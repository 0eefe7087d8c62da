/**
 * What is worth a notification: conflicts, holds, errors that last, and their end. Joined, so that a hundred
 * conflicts are one notice, and silent where the person has switched a kind off.
 */
import { shownName } from '../../contract/shown.ts'
import type { Settings } from '../../contract/settings.ts'
import type { Notice } from '../../contract/state.ts'

/** Notices of one kind and folder wait this long for more of them, in milliseconds. */
const JOIN_MS = 2_000
/** An error that ends sooner is nobody's business, in milliseconds. */
const LASTING_MS = 60_000
/** Of a subscriber that does not read, only the newest are kept. */
const MOST_WAITING = 50

type Kinds = Settings['notifications']
const SETTING_OF: Readonly<Record<Notice['kind'], keyof Kinds>> = {
  conflict: 'conflicts',
  hold: 'holds',
  error: 'errors',
  recovery: 'recovery',
}

interface Folder {
  readonly id: string
  readonly name: string
}

export class Notices {
  readonly #wanted: () => Kinds
  readonly #listeners = new Set<(notice: Notice) => void>()
  readonly #joining = new Map<string, { notice: Notice; timer: NodeJS.Timeout }>()
  readonly #errors = new Map<string, { timer: NodeJS.Timeout | null }>()

  constructor(wanted: () => Kinds) {
    this.#wanted = wanted
  }

  conflict(folder: Folder, path: string): void {
    this.#join(folder, 'conflict', path, count =>
      count === 1
        ? `${shownName(path)} was changed on both sides. Choose which version to keep.`
        : `${count} files were changed on both sides. Choose which versions to keep.`,
    )
  }

  hold(folder: Folder, count: number): void {
    const message = `${count} ${count === 1 ? 'change is' : 'changes are'} held back. Look, then approve or restore.`
    this.#join(folder, 'hold', null, () => message)
  }

  waiting(folder: Folder, count: number): void {
    const message = `${count} ${count === 1 ? 'file' : 'files'} that programs run by themselves ${count === 1 ? 'waits' : 'wait'} for your yes.`
    this.#join(folder, 'hold', null, () => message)
  }

  /** Called at each state change; an error counts once it has lasted. */
  trouble(folder: Folder, message: string | null): void {
    const known = this.#errors.get(folder.id)
    if (message === null) {
      this.#errors.delete(folder.id)
      if (known === undefined) return
      if (known.timer !== null) clearTimeout(known.timer)
      else this.#join(folder, 'recovery', null, () => `${shownName(folder.name)} is in step again.`)
      return
    }
    if (known !== undefined) return
    const entry: { timer: NodeJS.Timeout | null } = { timer: null }
    entry.timer = setTimeout(() => {
      entry.timer = null
      this.#join(folder, 'error', null, () => message)
    }, LASTING_MS)
    entry.timer.unref()
    this.#errors.set(folder.id, entry)
  }

  /** The folder is no longer ours. */
  forget(folderId: string): void {
    const timer = this.#errors.get(folderId)?.timer ?? null
    if (timer !== null) clearTimeout(timer)
    this.#errors.delete(folderId)
  }

  /** For the shell's own notifications. Returns how to end it. */
  listen(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async *watch(signal: AbortSignal): AsyncGenerator<Notice, void> {
    const waiting: Notice[] = []
    let wake: (() => void) | null = null
    const end = this.listen(notice => {
      waiting.push(notice)
      if (waiting.length > MOST_WAITING) waiting.shift()
      wake?.()
    })
    const onAbort = (): void => wake?.()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      while (!signal.aborted) {
        const next = waiting.shift()
        if (next !== undefined) yield next
        else await new Promise<void>(resolve => (wake = resolve))
      }
    } finally {
      end()
      signal.removeEventListener('abort', onAbort)
    }
  }

  close(): void {
    for (const { timer } of this.#joining.values()) clearTimeout(timer)
    for (const { timer } of this.#errors.values()) if (timer !== null) clearTimeout(timer)
  }

  #join(folder: Folder, kind: Notice['kind'], path: string | null, message: (count: number) => string): void {
    if (!this.#wanted()[SETTING_OF[kind]]) return
    const key = `${kind} ${folder.id}`
    const known = this.#joining.get(key)
    const count = (known?.notice.count ?? 0) + 1
    const first = known?.notice.path ?? path
    const notice: Notice = {
      kind,
      folderId: folder.id,
      folderName: folder.name,
      count,
      path: first,
      message: message(count),
    }
    const timer = known?.timer ?? setTimeout(() => this.#send(key), JOIN_MS)
    timer.unref()
    this.#joining.set(key, { notice, timer })
  }

  #send(key: string): void {
    const joined = this.#joining.get(key)
    this.#joining.delete(key)
    if (joined === undefined) return
    for (const listener of this.#listeners) listener(joined.notice)
  }
}
