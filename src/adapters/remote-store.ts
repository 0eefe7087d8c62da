/**
 * The engine's remote store, made of any adapter: ids become paths, and what must not become a file is
 * refused here, before the engine sees it (R11).
 *
 * Relies on `complete` for whatever the adapter does not offer itself.
 */
import type {
  ConditionalWrite,
  RecordHead,
  SaidRecord,
  StoredRecord,
  WriteResult,
} from '../engine/ports/adapter.ts'
import { AdapterError, type EngineAdapter } from '../engine/ports/adapter.ts'
import type { Clock } from '../engine/ports/clock.ts'
import { type PathOs, pathFault } from '../engine/core/path.ts'
import type { Problem } from '../engine/core/problem.ts'
import { pathOfId, pathOfServerId, recordId } from '../engine/core/record-id.ts'
import { isVersion } from '../engine/core/version.ts'
import type {
  RemoteHead,
  RemoteHeads,
  RemoteHint,
  RemoteRead,
  RemoteScope,
  RemoteStore,
  RemoteWrite,
} from '../engine/ports/remote-store.ts'
import { wrapError } from './adapter-error.ts'
import { complete } from './complete.ts'

export interface RemoteStoreOptions {
  readonly clock: Clock
  /** Which names a file here can have. */
  readonly os?: PathOs
}

/** The adapter stays the caller's, who disposes it; several stores may share one. */
export function createRemoteStore(
  adapter: EngineAdapter,
  scope: RemoteScope,
  { clock, os = 'posix' }: RemoteStoreOptions,
): RemoteStore {
  const full = complete(adapter, clock)
  const { limits } = full
  const { appId, ownerId } = scope

  return {
    limits,

    get caveats() {
      return full.caveats
    },

    identity: () => wrapError(() => full.identity()),

    orderOf: etag => full.orderOf(etag),

    async remembers(writes) {
      const verdicts: boolean[] = []
      for (const batch of batches(writes, limits.batchItems)) {
        const seen = batch.map(({ path, etag }) => ({ id: recordId(scope, path), etag }))
        verdicts.push(...(await wrapError(() => full.remembers(seen))))
      }
      return verdicts
    },

    async *heads(signal) {
      for (let after: string | null = null; ;) {
        // Ending quietly would make what is not read yet look deleted (R8).
        if (signal.aborted) throw stopped(signal)
        const page = await wrapError(() => full.heads(appId, ownerId, after))
        yield sortHeads(page.heads, scope, os)
        if (page.next === null) return
        after = page.next
      }
    },

    async read(paths) {
      const reads: RemoteRead[] = []
      for (let at = 0; at < paths.length; at += limits.batchItems) {
        const some = paths.slice(at, at + limits.batchItems)
        const ids = some.map(path => recordId(scope, path))
        const records = await wrapError(() => full.getMany(ids))
        reads.push(...some.map((path, index) => readOf(records[index] ?? null, path, scope)))
      }
      return reads
    },

    async said(paths) {
      const found: (SaidRecord | null)[] = []
      for (const some of batches(paths, limits.batchItems)) {
        found.push(...(await wrapError(() => full.said(some.map(path => recordId(scope, path))))))
      }
      return found
    },

    async commit(writes) {
      const results: WriteResult[] = []
      for (const batch of batches(writes, limits.batchItems)) {
        results.push(
          ...(await wrapError(() => full.commit(batch.map(write => conditionalWrite(write, scope))))),
        )
      }
      return results
    },

    subscribe(onHint, onError) {
      return full.watchHeads(
        appId,
        ownerId,
        hint => {
          const told = hint === 'everything' ? hint : hintOf(hint, scope, os)
          if (told === 'everything' || told.length > 0) onHint(told)
        },
        onError,
      )
    },
  }
}

function sortHeads(heads: readonly RecordHead[], scope: RemoteScope, os: PathOs): RemoteHeads {
  const sound: RemoteHead[] = []
  const refused: Problem[] = []
  for (const head of heads) {
    const path = pathOfId(scope, head.id)
    const problem = path === null ? otherId(head.id, scope) : headProblem(head, path, os)
    if (problem === null && path !== null) sound.push({ path, etag: head.etag, version: head.lastUpdated })
    else if (problem !== null) refused.push(problem)
  }
  return { heads: sound, refused }
}

function headProblem(head: RecordHead, path: string, os: PathOs): Problem | null {
  const unsafe = pathFault(path, 'posix')
  if (unsafe !== null) return { code: 'unsafe-path', path, message: `${unsafe} The record is left as it is.` }
  const unsupported = pathFault(path, os)
  if (unsupported !== null)
    return { code: 'unsupported-name', path, message: `${unsupported} Rename the file on another device.` }
  return versionProblem(path, head.lastUpdated)
}

function versionProblem(path: string, version: number): Problem | null {
  if (isVersion(version)) return null
  const why = Number.isSafeInteger(version) ? 'too high for another to follow it' : 'no time in milliseconds'
  const message = `The record's version is ${version}, which is ${why}. Correct its last_updated in the database; until then neither side of this file is changed.`
  return { code: 'undecodable', path, message }
}

function otherId(id: string, scope: RemoteScope): Problem {
  const path = pathOfServerId(scope, id)
  return path === null ? foreignId(id) : serverRecord(id, path, scope)
}

/** How a server that runs agent-native's own file sync keeps a user's private files. */
function serverRecord(id: string, path: string, { ownerId }: RemoteScope): Problem {
  return {
    code: 'server-record',
    path: id,
    message: `This is ${path} as a private file of ${ownerId} of an agent-native server, which names its records in another way ("${id}"). It is left as it is. As long as there are such records, deletes by others in this channel are held, for when it starts such a server deletes records that are named as Lockstep names them. lockstep adopt takes it over.`,
  }
}

function foreignId(id: string): Problem {
  return {
    code: 'foreign-id',
    path: id,
    message: `The record's id "${id}" is not one of this app and owner ("<app>:<path>", or "<app>@<user>:<path>"). It is left as it is.`,
  }
}

function readOf(record: StoredRecord | null, path: string, scope: RemoteScope): RemoteRead {
  if (record === null) return { status: 'absent' }
  const { data, etag } = record
  if (isWithoutText(data)) {
    const message = `A field of the record with the id "${record.id}" holds no text (NULL or bytes, say): its content, most likely, or its path. Correct it in the database, or delete the record.`
    return { status: 'refused', problem: { code: 'undecodable', path, message } }
  }
  const wrong = versionProblem(path, data.lastUpdated)
  if (wrong !== null) return { status: 'refused', problem: wrong }
  const fault = recordFault(record, path, scope)
  if (fault !== null)
    return {
      status: 'refused',
      problem: { code: 'foreign-id', path, message: `${fault} The record is left as it is.` },
    }
  return { status: 'found', file: { path, etag, version: data.lastUpdated, content: data.content } }
}

/** Adapters give such a record without its path, so that nobody takes it for a file. */
function isWithoutText({ path, content }: StoredRecord['data']): boolean {
  return typeof content !== 'string' || (path === '' && content === '')
}

/** A record whose fields name another place than its id does: following either could be wrong. */
function recordFault({ id, data }: StoredRecord, path: string, scope: RemoteScope): string | null {
  if (data.path !== path) return `The record's path is "${data.path}", but its id "${id}" says "${path}".`
  if (data.app !== scope.appId)
    return `The record's app is "${data.app}", but its id "${id}" says "${scope.appId}".`
  if (data.ownerId !== scope.ownerId)
    return `The record's owner is "${data.ownerId}", but its id "${id}" belongs to "${scope.ownerId}".`
  return null
}

function conditionalWrite(write: RemoteWrite, scope: RemoteScope): ConditionalWrite {
  const { path } = write
  const id = recordId(scope, path)
  if (write.kind === 'delete') {
    return {
      type: 'delete',
      id,
      expected: { etag: write.expected.etag, lastUpdated: write.expected.version },
      ...(write.word === undefined ? {} : { word: write.word }),
    }
  }
  const { version, content } = write
  const fields = { path, content, app: scope.appId, ownerId: scope.ownerId, lastUpdated: version }
  if (write.expected === null)
    return { type: 'set', id, expected: null, data: { ...fields, createdAt: version } }
  const expected = { etag: write.expected.etag, lastUpdated: write.expected.version }
  // All that the engine sends has passed its guard.
  return { type: 'set', id, expected, data: fields, word: 'weighed' }
}

function* batches<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

/** Ids of other scopes are left out, unless a record has just gone: it may have been a refused one. */
function hintOf(
  hint: readonly { readonly id: string; readonly head?: RecordHead | null }[],
  scope: RemoteScope,
  os: PathOs,
): Exclude<RemoteHint, 'everything'> {
  return hint.flatMap(({ id, head }) => {
    const path = pathOfId(scope, id)
    if (head === null) return [{ path: path ?? id, head: null }]
    if (path === null) return head === undefined ? [] : [{ path: id, refused: otherId(id, scope) }]
    if (head === undefined) return pathFault(path, os) === null ? [{ path }] : []
    const refused = headProblem(head, path, os)
    if (refused !== null) return [{ path, refused }]
    return [{ path, head: { path, etag: head.etag, version: head.lastUpdated } }]
  })
}

function stopped(signal: AbortSignal): AdapterError {
  return new AdapterError('unknown', 'Reading the database was stopped before its end.', {
    retryable: true,
    cause: signal.reason,
  })
}
