/**
 * Takes over the private files that an agent-native server has kept in a form of its own (R8.18): each becomes a record
 * as Lockstep names it, and only then the server's goes. Every write is conditional, so engines may run meanwhile.
 */
import { complete, type CompleteAdapter } from '../adapters/complete.ts'
import { pathOfServerId, recordId, type RecordScope } from '../engine/core/record-id.ts'
import { type Classification, syncsIn } from '../engine/core/rules.ts'
import { versionAfter } from '../engine/core/version.ts'
import type { EngineAdapter, StoredRecord } from '../engine/ports/adapter.ts'
import type { Clock } from '../engine/ports/clock.ts'
import type { AdoptReport } from '../engine/report.ts'
import type { Project } from './project.ts'

interface ServerRecord {
  readonly id: string
  readonly path: string
}

export async function adoptRecords(
  project: Project & { readonly userId: string },
  adapter: EngineAdapter,
  clock: Clock,
  { isConfirmed }: { readonly isConfirmed: boolean },
): Promise<AdoptReport> {
  const database = complete(adapter, clock)
  const scope = { appId: project.appId, ownerId: project.userId }
  const adopted: string[] = []
  const left: { path: string; reason: string }[] = []
  for (const record of await serverRecords(database, scope)) {
    const { path } = record
    const reason = syncsIn(project.rules, path, 'private')
      ? await (isConfirmed ? adopt(database, scope, record, clock) : whyNot(database, scope, record))
      : whyNotPrivate(project.rules.classify(path))
    if (reason === null) adopted.push(path)
    else left.push({ path, reason })
  }
  return { adopted, left, isDone: isConfirmed }
}

function whyNotPrivate(found: Classification): string {
  switch (found.kind) {
    case 'denied':
      return `it never syncs: ${found.entry.reason}`
    case 'unsafe':
      return found.reason
    case 'synced':
    case 'unmatched':
    case 'private-without-user':
      return 'no private pattern matches it'
  }
}

async function serverRecords(database: CompleteAdapter, scope: RecordScope): Promise<ServerRecord[]> {
  const found: ServerRecord[] = []
  for (let after: string | null = null; ;) {
    const page = await database.heads(scope.appId, scope.ownerId, after)
    for (const { id } of page.heads) {
      const path = pathOfServerId(scope, id)
      if (path !== null) found.push({ id, path })
    }
    if (page.next === null) return found
    after = page.next
  }
}

const DIFFERS = 'there is another version of it as Lockstep names it; compare the two in the database'
const CHANGED = 'it has just been changed; try again'

/** Why it stays as it is; null where it can be taken over. */
async function whyNot(
  database: CompleteAdapter,
  scope: RecordScope,
  { id, path }: ServerRecord,
): Promise<string | null> {
  const [theirs, ours] = await database.getMany([id, recordId(scope, path)])
  if (theirs === null || theirs === undefined) return CHANGED
  return ours === null || ours === undefined || isSame(ours, theirs) ? null : DIFFERS
}

async function adopt(
  database: CompleteAdapter,
  scope: RecordScope,
  record: ServerRecord,
  clock: Clock,
): Promise<string | null> {
  const [theirs, ours] = await database.getMany([record.id, recordId(scope, record.path)])
  if (theirs === null || theirs === undefined) return CHANGED
  if (ours !== null && ours !== undefined && !isSame(ours, theirs)) return DIFFERS
  if (ours === null || ours === undefined) {
    const fault = await copy(database, scope, theirs, record.path, clock)
    if (fault !== null) return fault
  }
  const expected = { etag: theirs.etag, lastUpdated: theirs.data.lastUpdated }
  const [gone] = await database.commit([{ type: 'delete', id: record.id, expected, word: 'meant' }])
  return gone?.status === 'done' ? null : faultOf(gone)
}

async function copy(
  database: CompleteAdapter,
  scope: RecordScope,
  { data }: StoredRecord,
  path: string,
  clock: Clock,
): Promise<string | null> {
  const lastUpdated = versionAfter(data.lastUpdated, clock.now())
  if (lastUpdated === null) return 'its version is too high for another to follow it'
  const own = { ...data, path, app: scope.appId, ownerId: scope.ownerId, lastUpdated }
  const [made] = await database.commit([
    { type: 'set', id: recordId(scope, path), expected: null, data: own },
  ])
  return made?.status === 'done' ? null : faultOf(made)
}

function isSame(ours: StoredRecord, theirs: StoredRecord): boolean {
  return ours.data.content === theirs.data.content
}

function faultOf(result: Awaited<ReturnType<CompleteAdapter['commit']>>[number] | undefined): string {
  return result?.status === 'failed' ? result.error.message : CHANGED
}
