/**
 * What happened, in words: the engine's events with who was behind them and why, gathered and written in
 * batches, so that a bulk sync costs one transaction for hundreds of files.
 */
import { join } from 'node:path'
import type { ActivityKind, ActivityRow } from '../../contract/activity.ts'
import type { Author, FileAction } from '../../contract/state.ts'
import type { PolicyReason } from '../../engine/core/conflict-policy.ts'
import type { Log } from '../../engine/ports/log.ts'
import { errorMessage } from '../../platform/os-error.ts'
import { type ActivityEntry, ActivityLog } from '../../platform/state/activity-log.ts'

/** By the life clock. */
const KEPT_MS = 30 * 24 * 60 * 60_000
const PRUNE_MS = 60 * 60_000
/** Entries wait this long for others, in milliseconds. */
const GATHER_MS = 200
/** Rows of one transaction: about 3 ms. */
const BATCH = 500

const HOUR_MS = 60 * 60_000
const HOURS = 24

/** What counts as a change in the overview's curve, and as a folder's last change. */
const CHANGES = ['push', 'pull', 'merge', 'delete-local', 'delete-remote', 'resolve'] as const

export interface ActivityEvent {
  readonly kind: ActivityKind
  readonly path?: string
  readonly channel?: 'shared' | 'private'
  readonly author?: Author
  readonly reason: string
}

export interface ActivityRequest {
  readonly folderId: string | null
  readonly kinds: readonly ActivityKind[]
  readonly authors: readonly Author[]
  readonly search: string
  readonly before: number | null
  readonly limit: number
}

export class Activity {
  readonly #log: ActivityLog
  readonly #report: Log
  #waiting: ActivityEntry[] = []
  #timer: NodeJS.Timeout | null = null
  readonly #pruning: NodeJS.Timeout

  constructor(home: string, report: Log) {
    this.#report = report
    this.#log = openLog(join(home, 'activity.db'), report)
    this.#pruning = setInterval(() => this.#prune(), PRUNE_MS)
    this.#pruning.unref()
    this.#prune()
  }

  add(folder: { readonly id: string; readonly name: string }, event: ActivityEvent): void {
    this.#waiting.push({
      at: Date.now(),
      folderId: folder.id,
      folderName: folder.name,
      kind: event.kind,
      path: event.path ?? null,
      channel: event.channel ?? null,
      author: event.author ?? null,
      reason: event.reason,
    })
    this.#timer ??= setTimeout(() => this.#write(), GATHER_MS)
  }

  async list(request: ActivityRequest): Promise<{ rows: ActivityRow[]; next: number | null }> {
    this.#writeAll()
    const found = await this.#log.list({ ...request, limit: request.limit + 1 })
    const rows = found.slice(0, request.limit).map(toRow)
    return { rows, next: found.length > request.limit ? (rows.at(-1)?.id ?? null) : null }
  }

  /** Changes in each of the last 24 hours, oldest first; the last is the hour that ends now. */
  curve(folderId: string, now: number): number[] {
    return this.#log.histogram(folderId, CHANGES, now, HOUR_MS, HOURS)
  }

  lastChange(folderId: string): ActivityRow | null {
    const last = this.#log.latest(folderId, CHANGES)
    return last === null ? null : toRow(last)
  }

  close(): void {
    clearInterval(this.#pruning)
    this.#writeAll()
    this.#log.close()
  }

  #writeAll(): void {
    while (this.#waiting.length > 0) this.#write()
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const batch = this.#waiting.slice(0, BATCH)
    this.#waiting = this.#waiting.slice(BATCH)
    try {
      this.#log.append(batch)
    } catch (error) {
      // A full disk, say. Sync goes on; what happened meanwhile is not told.
      this.#report.error('the activity could not be written', { error: errorMessage(error) })
    }
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#write(), 0)
  }

  #prune(): void {
    this.#log.prune(KEPT_MS, Date.now()).catch((error: unknown) => {
      this.#report.error('old activity could not be removed', { error: errorMessage(error) })
    })
  }
}

/** Where it cannot be written (a full disk, say), what happens is told for as long as the host runs. */
function openLog(path: string, report: Log): ActivityLog {
  try {
    return new ActivityLog(path)
  } catch (error) {
    report.error('the activity is not kept on the disk', { path, error: errorMessage(error) })
    return new ActivityLog(null)
  }
}

function toRow(entry: ActivityEntry & { readonly id: number }): ActivityRow {
  return {
    ...entry,
    kind: entry.kind as ActivityKind,
    channel: entry.channel as ActivityRow['channel'],
    author: entry.author as Author | null,
  }
}

/** Whose change an action carries out: what is pushed was changed here, what is pulled elsewhere. */
export function authorOf(action: FileAction, reason: string): Author | undefined {
  switch (action) {
    case 'push':
    case 'delete-remote':
      return 'this-device'
    case 'pull':
    case 'delete-local':
      return 'another'
    case 'merge':
    case 'conflict':
      return 'both'
    case 'resolve':
      return reason in POLICIES ? 'both' : 'person'
    case 'skip':
      return undefined
  }
}

/** A conflict that ends by itself. */
const POLICIES: Readonly<Record<PolicyReason, string>> = {
  'policy local': 'Both sides changed the file; the policy "local" takes this device’s version.',
  'policy remote': 'Both sides changed the file; the policy "remote" takes the database’s version.',
  'policy newest: local': 'Both sides changed the file; the policy "newest" takes this device’s version.',
  'policy newest: remote': 'Both sides changed the file; the policy "newest" takes the database’s version.',
}

const REASONS: Readonly<Record<string, string>> = {
  'local-new': 'The file is new on this device.',
  'local-edit': 'The file was edited on this device.',
  'local-delete': 'The file was deleted on this device.',
  'local-lost': 'The file was gone or old on this device, though nobody had deleted or edited it.',
  'remote-new': 'The file is new in the database.',
  'remote-edit': 'The file was edited on another device.',
  'remote-delete': 'The file was deleted on another device.',
  'edit-beats-delete': 'One side deleted the file while the other edited it; the edit is kept.',
  'both-changed': 'Both sides changed the file.',
  'both-new': 'Both sides have a file of this name, and nothing is known of what they had before.',
  ...POLICIES,
}

/** The engine's short reason as a sentence; what is one already stays. */
export function reasonSentence(reason: string): string {
  return REASONS[reason] ?? reason
}
