/**
 * All files of one folder in the order of their paths, for a list that shows any window of them.
 *
 * The paths are gathered and sorted in slices and kept until something has changed; states and sizes are
 * looked up in the session's own trees when a row is shown, so that they are never older than the question.
 */
import type { FileRow, FilesPage, FileState } from '../../contract/files.ts'
import type { Channel } from '../../engine/core/entry.ts'
import type { Problem } from '../../engine/core/problem.ts'
import { Slices, sortInSlices } from './slices.ts'

/** What is asked of a channel here: a session's, or the stored remains of one. */
export interface ChannelFiles {
  readonly channel: Channel
  readonly base: ReadonlyMap<string, { readonly size: number; readonly version: number }>
  readonly local: ReadonlyMap<
    string,
    { readonly fingerprint: { readonly size: number; readonly mtimeMs: number } }
  >
  readonly remote: ReadonlyMap<string, { readonly version: number }>
  readonly pending: ReadonlySet<string>
  readonly blocked: ReadonlySet<string>
  readonly conflicts: ReadonlyMap<string, unknown>
  readonly holds: ReadonlyMap<string, unknown>
  readonly retries: ReadonlyMap<string, { readonly message: string }>
  readonly refused: ReadonlyMap<string, { readonly problem: Problem }>
  /** Records that no pattern matches. */
  readonly unmatched: ReadonlySet<string>
}

export interface FilesQuery {
  readonly search: string
  readonly states: readonly FileState[]
  readonly offset: number
  readonly limit: number
}

/** What is wrong with a file besides what its channel knows: a file that is too large is in no tree. */
export interface FileProblem {
  readonly channel: Channel
  readonly message: string
}

interface Entry {
  readonly path: string
  readonly files: ChannelFiles
  readonly problem: string | null
}

interface Sorted {
  readonly revision: number
  readonly at: number
  readonly entries: readonly Entry[]
}

interface Matching {
  readonly key: string
  readonly sorted: Sorted
  readonly at: number
  readonly entries: readonly Entry[]
  readonly counts: Record<FileState, number>
}

/** While a folder changes all the time, an answer may be this old, in milliseconds. */
const FRESH_MS = 500

export class FileIndex {
  readonly #channels: () => Promise<readonly ChannelFiles[]>
  readonly #revision: () => number
  readonly #problems: () => ReadonlyMap<string, FileProblem>
  #sorted: Promise<Sorted> | null = null
  #matching: Promise<Matching> | null = null

  /** `revision` rises when the files may be others; `problems` are by path. */
  constructor(
    channels: () => Promise<readonly ChannelFiles[]>,
    revision: () => number,
    problems: () => ReadonlyMap<string, FileProblem> = () => new Map(),
  ) {
    this.#channels = channels
    this.#revision = revision
    this.#problems = problems
  }

  async list(query: FilesQuery): Promise<Omit<FilesPage, 'isComplete'>> {
    const { sorted, entries, counts } = await this.#match(query)
    const { offset, limit } = query
    return {
      revision: sorted.revision,
      total: entries.length,
      offset,
      rows: entries.slice(offset, offset + limit).map(toRow),
      counts,
    }
  }

  /** For whatever has changed in a way that no revision tells. */
  forget(): void {
    this.#sorted = null
    this.#matching = null
  }

  async #match({ search, states }: FilesQuery): Promise<Matching> {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean)
    const key = JSON.stringify([words, [...states].sort()])
    const known = await this.#matching
    const isKnown = known?.key === key && (known.sorted.revision === this.#revision() || isFresh(known.at))
    if (isKnown) return known
    const matching = this.#sort().then(sorted => match(sorted, key, words, new Set(states)))
    this.#matching = matching
    matching.catch(() => this.forget())
    return matching
  }

  async #sort(): Promise<Sorted> {
    const known = await this.#sorted
    if (known !== null && (known.revision === this.#revision() || isFresh(known.at))) return known
    const revision = this.#revision()
    const sorting = this.#channels().then(async channels => {
      const entries = await sortInSlices(await gather(channels, this.#problems()), byPath)
      return { revision, at: performance.now(), entries }
    })
    this.#sorted = sorting
    return sorting
  }
}

function isFresh(at: number): boolean {
  return performance.now() - at < FRESH_MS
}

function byPath(a: Entry, b: Entry): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}

async function gather(
  channels: readonly ChannelFiles[],
  problems: ReadonlyMap<string, FileProblem>,
): Promise<Entry[]> {
  const slices = new Slices()
  const entries: Entry[] = []
  for (const files of channels) {
    const seen = new Set<string>()
    const { local, base, remote, conflicts, holds, retries, refused, blocked } = files
    const alone = new Map([...problems].filter(([, { channel }]) => channel === files.channel))
    for (const paths of [local, base, remote, conflicts, holds, retries, refused, blocked, alone]) {
      for (const path of paths.keys()) {
        if (!seen.has(path)) {
          seen.add(path)
          entries.push({ path, files, problem: problems.get(path)?.message ?? null })
        }
        const rest = slices.tick()
        if (rest !== undefined) await rest
      }
    }
  }
  return entries
}

async function match(
  sorted: Sorted,
  key: string,
  words: readonly string[],
  states: ReadonlySet<FileState>,
): Promise<Matching> {
  const slices = new Slices()
  const counts: Record<FileState, number> = { 'in-step': 0, pending: 0, conflict: 0, held: 0, problem: 0 }
  const entries: Entry[] = []
  for (const entry of sorted.entries) {
    const rest = slices.tick()
    if (rest !== undefined) await rest
    if (words.length > 0) {
      const path = entry.path.toLowerCase()
      if (!words.every(word => path.includes(word))) continue
    }
    const state = stateOf(entry)
    counts[state] += 1
    if (states.size === 0 || states.has(state)) entries.push(entry)
  }
  return { key, sorted, at: performance.now(), entries, counts }
}

/** What a person has to do something about comes first. */
function stateOf({ path, files, problem }: Entry): FileState {
  if (files.conflicts.has(path)) return 'conflict'
  if (files.holds.has(path)) return 'held'
  const isBlocked = files.refused.has(path) || files.retries.has(path) || files.blocked.has(path)
  if (problem !== null || isBlocked) return 'problem'
  return files.pending.has(path) ? 'pending' : 'in-step'
}

function toRow(entry: Entry): FileRow {
  const { path, files } = entry
  const local = files.local.get(path)
  const base = files.base.get(path)
  const remote = files.remote.get(path)
  const state = stateOf(entry)
  return {
    path,
    channel: files.channel,
    state,
    size: local?.fingerprint.size ?? base?.size ?? null,
    changedAt: local?.fingerprint.mtimeMs ?? remote?.version ?? base?.version ?? null,
    note: noteOf(entry, state),
  }
}

function noteOf({ path, files, problem }: Entry, state: FileState): string | null {
  switch (state) {
    case 'in-step':
      return null
    case 'pending':
      return 'Waits for the next sync.'
    case 'conflict':
      return 'Both sides have changed it.'
    case 'held':
      return 'Held until you decide.'
    case 'problem':
      return (
        problem ??
        files.refused.get(path)?.problem.message ??
        files.retries.get(path)?.message ??
        'A folder above it cannot be entered.'
      )
  }
}
