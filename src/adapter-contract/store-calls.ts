/** What the cases ask of a remote store, in few words. */
import assert from 'node:assert/strict'
import type { FileRecord, WriteResult } from '../engine/ports/adapter.ts'
import type { RemoteHead, RemoteHint, RemoteStore, RemoteWrite } from '../engine/ports/remote-store.ts'
import { nodeClock } from '../platform/node-clock.ts'

export const SHARED = { appId: 'app', ownerId: 'shared' }
export const PRIVATE = { appId: 'app', ownerId: 'ann' }

/** For whatever takes time, on a network or on a busy machine; only a case that fails waits so long. Milliseconds. */
export const PATIENCE_MS = 120_000
const POLL_MS = 5

export function create(path: string, content: string, version: number): RemoteWrite {
  return { kind: 'set', path, expected: null, content, version }
}

export function update(
  { path, etag, version: seen }: RemoteHead,
  content: string,
  version: number,
): RemoteWrite {
  return { kind: 'set', path, expected: { etag, version: seen }, content, version }
}

export function remove({ path, etag, version }: RemoteHead): RemoteWrite {
  return { kind: 'delete', path, expected: { etag, version } }
}

/** As another program writes it. */
export function row(path: string, content: string, lastUpdated = 4_000): FileRecord {
  return { path, content, app: SHARED.appId, ownerId: SHARED.ownerId, lastUpdated }
}

export function statuses(results: readonly WriteResult[]): string[] {
  return results.map(({ status }) => status)
}

export function etagIn(result: WriteResult | undefined): string {
  if (result?.status === 'done' && typeof result.etag === 'string') return result.etag
  throw new Error(`no etag in ${JSON.stringify(result)}`)
}

export async function fill(store: RemoteStore, count: number): Promise<string[]> {
  const paths = Array.from({ length: count }, (_, index) => `data/${String(index).padStart(5, '0')}.md`)
  const results = await store.commit(paths.map(path => create(path, `content of ${path}`, 1_000)))
  const failed = results.find(({ status }) => status !== 'done')
  assert.equal(failed, undefined, `a record could not be written: ${JSON.stringify(failed)}`)
  return paths
}

export async function list(store: RemoteStore): Promise<{ sound: RemoteHead[]; refused: unknown[] }> {
  const sound: RemoteHead[] = []
  const refused: unknown[] = []
  for await (const page of store.heads(new AbortController().signal)) {
    sound.push(...page.heads)
    refused.push(...page.refused)
  }
  return { sound, refused }
}

export async function headsOf(store: RemoteStore): Promise<RemoteHead[]> {
  return (await list(store)).sound
}

export async function pathsOf(store: RemoteStore): Promise<string[]> {
  return (await headsOf(store)).map(({ path }) => path).sort()
}

export async function findHead(store: RemoteStore, path: string): Promise<RemoteHead | undefined> {
  return (await headsOf(store)).find(head => head.path === path)
}

export async function headOf(store: RemoteStore, path: string): Promise<RemoteHead> {
  const head = await findHead(store, path)
  if (head === undefined) throw new Error(`the heads do not name ${path}`)
  return head
}

/** Null where there is no such record. */
export async function contentsOf(store: RemoteStore, paths: readonly string[]): Promise<(string | null)[]> {
  const reads = await store.read(paths)
  return reads.map(read => (read.status === 'found' ? read.file.content : null))
}

export async function contentOf(store: RemoteStore, path: string): Promise<string | null> {
  return (await contentsOf(store, [path]))[0] ?? null
}

type Told = Exclude<RemoteHint, 'everything'>[number]

export interface Feed {
  readonly errors: readonly unknown[]
  /** How often it said that anything may have changed. */
  gaps(): number
  paths(): string[]
  /** The path's next notice that was not waited for yet. */
  until(path: string): Promise<Told>
  end(): void
}

export function listenTo(store: RemoteStore): Feed {
  const told: Told[] = []
  const errors: unknown[] = []
  let gaps = 0
  let read = 0
  const end = store.subscribe(
    hint => {
      if (hint === 'everything') gaps++
      else told.push(...hint)
    },
    error => errors.push(error),
  )
  return {
    errors,
    end,
    gaps: () => gaps,
    paths: () => told.map(({ path }) => path),
    async until(path) {
      const find = (): number => told.findIndex((one, index) => index >= read && one.path === path)
      const describe = (): string =>
        `a notice of ${path}; told ${JSON.stringify(told)}, errors ${errors.map(String).join(', ')}`
      await waitFor(() => find() >= 0, describe)
      const at = find()
      read = at + 1
      return told[at]!
    },
  }
}

export async function waitFor(condition: () => boolean, what: () => string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!condition()) {
    if (performance.now() > deadline)
      throw new Error(`waited ${PATIENCE_MS / 1_000} s for ${what()}, in vain`)
    await nodeClock.sleep(POLL_MS)
  }
}

/** Timers and file watchers; counted without the timer of the caller's own wait. */
export function openResources(): number {
  return process.getActiveResourcesInfo().filter(kind => kind === 'Timeout' || kind.startsWith('FSEvent'))
    .length
}
