/**
 * A database in memory with all abilities, shared by the adapters it gives out: for tests, the demo's dry
 * runs, and as the shortest complete adapter to read.
 *
 * Deterministic: no time, no chance; feeds are told in the order of their subscriptions.
 */
import type {
  AdapterAbilities,
  AdapterLimits,
  ConditionalWrite,
  FileChange,
  FileRecord,
  FileSyncAdapter,
  HeadsHint,
  HeadsPage,
  RecordHead,
  SaidRecord,
  SeenWrite,
  StoredRecord,
  Unsubscribe,
  WriteResult,
} from '../../engine/ports/adapter.ts'
import { AdapterError } from '../../engine/ports/adapter.ts'
import { type RecordScope, recordId } from '../../engine/core/record-id.ts'

export type MemoryAdapter = FileSyncAdapter & AdapterAbilities & { dispose(): Promise<void> }

export interface MemoryDatabaseOptions {
  /** Tells this database from others. */
  readonly name?: string
  /** When subscribers are told of a write: before it returns, or in a microtask after it. */
  readonly delivery?: 'immediate' | 'microtask'
  readonly limits?: Partial<AdapterLimits>
  /** Heads in one page. */
  readonly pageSize?: number
  /** Whether it keeps a log that its adapters can ask (`orderOf`, `remembers`), as SQLite does. */
  readonly hasLog?: boolean
}

export interface MemoryDatabase {
  adapter(): MemoryAdapter
  /** What is stored, by id; for looking only. */
  records(): ReadonlyMap<string, FileRecord>
  /** Another database, empty, takes its place, as when somebody exchanges the file. */
  exchange(name: string): void
  copy(): DatabaseCopy
  /** A copy takes its place, as when a backup's file is put back: its log is older, too. */
  putBack(copy: DatabaseCopy): void
}

/** All that a database holds, its name and its log included. */
export interface DatabaseCopy {
  readonly name: string
  readonly rows: ReadonlyMap<string, Row>
  readonly said: ReadonlyMap<string, SaidRecord>
  readonly log: ReadonlyMap<string, number>
  readonly seq: number
}

const DEFAULT_LIMITS: AdapterLimits = { contentBytes: 64 * 2 ** 20, batchItems: 500, batchBytes: 4 * 2 ** 20 }
const DEFAULT_PAGE_SIZE = 1_000

export function createMemoryDatabase(options: MemoryDatabaseOptions = {}): MemoryDatabase {
  const table = new Table(options)
  return {
    adapter: () => createAdapter(table),
    records: () => new Map([...table.rows].map(([id, { data }]) => [id, data])),
    exchange: name => table.putBack({ name, rows: new Map(), said: new Map(), log: new Map(), seq: 0 }),
    copy: () => table.copy(),
    putBack: copy => table.putBack(copy),
  }
}

/** One record. */
interface Row {
  readonly data: FileRecord
  /** Differs for any two writes. */
  readonly seq: number
}

interface Change {
  readonly id: string
  readonly before: Row | null
  readonly after: Row | null
}

/** Null: everything may have changed. */
type Listener = (changes: readonly Change[] | null) => void

class Table {
  rows = new Map<string, Row>()
  /** The last delete of each record that a device has said something of. */
  said = new Map<string, SaidRecord>()
  /** The number of each record's last change, deletes included. */
  log = new Map<string, number>()
  readonly hasLog: boolean
  readonly limits: AdapterLimits
  readonly pageSize: number
  name: string
  readonly #listeners = new Set<Listener>()
  readonly #delivery: 'immediate' | 'microtask'
  #seq = 0

  constructor({
    name = 'memory',
    delivery = 'immediate',
    limits,
    pageSize = DEFAULT_PAGE_SIZE,
    hasLog = false,
  }: MemoryDatabaseOptions) {
    this.name = name
    this.hasLog = hasLog
    this.limits = { ...DEFAULT_LIMITS, ...limits }
    this.pageSize = pageSize
    this.#delivery = delivery
  }

  ofOwner(appId: string, ownerId: string): [string, Row][] {
    const own = [...this.rows].filter(([, { data }]) => data.app === appId && data.ownerId === ownerId)
    return own.sort(([a], [b]) => (a < b ? -1 : 1))
  }

  put(id: string, data: FileRecord): Row {
    const before = this.rows.get(id) ?? null
    const after = { data, seq: this.#logged(id) }
    this.rows.set(id, after)
    this.tell([{ id, before, after }])
    return after
  }

  remove(id: string): void {
    const before = this.rows.get(id)
    if (before === undefined) return
    this.rows.delete(id)
    this.#logged(id)
    this.tell([{ id, before, after: null }])
  }

  #logged(id: string): number {
    this.#seq += 1
    this.log.set(id, this.#seq)
    return this.#seq
  }

  copy(): DatabaseCopy {
    const { name, rows, said, log } = this
    return { name, rows: new Map(rows), said: new Map(said), log: new Map(log), seq: this.#seq }
  }

  putBack({ name, rows, said, log, seq }: DatabaseCopy): void {
    this.name = name
    this.rows = new Map(rows)
    this.said = new Map(said)
    this.log = new Map(log)
    this.#seq = seq
    this.tell(null)
  }

  /** Each record has one row in the log: what is not there any more has been overtaken, or never was. */
  remembers({ id, etag }: SeenWrite): boolean {
    const order = orderOf(etag)
    const holder = [...this.log].find(([, seq]) => seq === order)?.[0] ?? id
    if (holder !== id) return false
    const newest = this.log.get(id) ?? 0
    const row = this.rows.get(id)
    return newest === order ? row !== undefined && etagOf(row) === etag : newest > order
  }

  listen(listener: Listener): Unsubscribe {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  tell(changes: readonly Change[] | null): void {
    for (const listener of this.#listeners) {
      if (this.#delivery === 'immediate') listener(changes)
      else queueMicrotask(() => this.#listeners.has(listener) && listener(changes))
    }
  }
}

function createAdapter(table: Table): MemoryAdapter {
  const subscriptions = new Set<Unsubscribe>()
  let disposed = false

  /** Every method's way in: nothing may be asked of an adapter after its end. */
  function open(): Table {
    if (disposed) throw new AdapterError('offline', 'The database was closed.', { retryable: false })
    return table
  }

  function listen(listener: Listener): Unsubscribe {
    const end = open().listen(listener)
    const unsubscribe = (): void => {
      end()
      subscriptions.delete(unsubscribe)
    }
    subscriptions.add(unsubscribe)
    return unsubscribe
  }

  return {
    limits: table.limits,

    async query(appId, ownerId) {
      return open()
        .ofOwner(appId, ownerId)
        .map(([id, { data }]) => ({ id, data }))
    },

    async get(id) {
      const row = open().rows.get(id)
      return row === undefined ? null : { id, data: row.data }
    },

    async set(id, record) {
      const before = open().rows.get(id)?.data ?? EMPTY_RECORD
      table.put(id, { ...before, ...record })
    },

    async delete(id) {
      open().remove(id)
    },

    subscribe(appId, ownerId, onChange) {
      const scope = { appId, ownerId }
      return listen(changes => {
        const told =
          changes === null ? everything(table, scope) : changes.flatMap(change => fileChange(change, scope))
        if (told.length > 0) onChange(told)
      })
    },

    async heads(appId, ownerId, after) {
      return headsPage(open(), appId, ownerId, after)
    },

    async getMany(ids) {
      const { rows } = open()
      return ids.map(id => storedRecord(id, rows.get(id)))
    },

    async deletes(ids) {
      const { said } = open()
      return ids.map(id => said.get(id) ?? null)
    },

    async commit(writes) {
      open()
      return writes.map(write => writeOne(table, write))
    },

    watchHeads(appId, ownerId, onHint) {
      const scope = { appId, ownerId }
      return listen(changes => {
        const hint: HeadsHint =
          changes === null ? 'everything' : changes.flatMap(change => headHint(change, scope))
        if (hint.length > 0) onHint(hint)
      })
    },

    async identity() {
      return open().name
    },

    ...(table.hasLog && {
      orderOf,
      remembers: async (writes: readonly SeenWrite[]) => writes.map(write => open().remembers(write)),
    }),

    async dispose() {
      disposed = true
      for (const end of subscriptions) end()
    },
  }
}

const EMPTY_RECORD: FileRecord = { path: '', content: '', app: '', ownerId: '', lastUpdated: 0 }

function writeOne(table: Table, write: ConditionalWrite): WriteResult {
  const row = table.rows.get(write.id)
  if (!isExpected(write, row)) return { status: 'lost' }
  if (write.type === 'delete') {
    table.remove(write.id)
    if (write.word !== undefined) table.said.set(write.id, { ...write.expected, word: write.word })
    return { status: 'done', etag: null }
  }
  if (Buffer.byteLength(write.data.content) > table.limits.contentBytes) {
    return {
      status: 'failed',
      error: new AdapterError('too-large', `The content of ${write.id} is too large.`, { retryable: false }),
    }
  }
  const createdAt = row === undefined ? (write.data.createdAt ?? write.data.lastUpdated) : row.data.createdAt
  const data = { ...write.data, ...(createdAt === undefined ? {} : { createdAt }) }
  const etag = etagOf(table.put(write.id, data))
  if (write.word !== undefined)
    table.said.set(write.id, { etag, lastUpdated: data.lastUpdated, word: write.word })
  return { status: 'done', etag }
}

function isExpected(write: ConditionalWrite, row: Row | undefined): boolean {
  if (write.expected === null || row === undefined) return write.expected === null && row === undefined
  return etagOf(row) === write.expected.etag && row.data.lastUpdated === write.expected.lastUpdated
}

function headsPage(table: Table, appId: string, ownerId: string, after: string | null): HeadsPage {
  const rest = table.ofOwner(appId, ownerId).filter(([id]) => after === null || id > after)
  const page = rest.slice(0, table.pageSize).map(([id, row]) => headOf(id, row))
  return { heads: page, next: rest.length > page.length ? page.at(-1)!.id : null }
}

function etagOf({ data, seq }: Row): string {
  return `${data.lastUpdated}.${seq}`
}

function orderOf(etag: string): number {
  return Number(etag.slice(etag.lastIndexOf('.') + 1))
}

function headOf(id: string, row: Row): RecordHead {
  return { id, etag: etagOf(row), lastUpdated: row.data.lastUpdated }
}

function storedRecord(id: string, row: Row | undefined): StoredRecord | null {
  return row === undefined ? null : { id, etag: etagOf(row), data: row.data }
}

function belongsTo(row: Row | null, scope: RecordScope): row is Row {
  return row !== null && row.data.app === scope.appId && row.data.ownerId === scope.ownerId
}

function headHint(
  { id, before, after }: Change,
  scope: RecordScope,
): { id: string; head: RecordHead | null }[] {
  if (belongsTo(after, scope)) return [{ id, head: headOf(id, after) }]
  return belongsTo(before, scope) || id.startsWith(recordId(scope, '')) ? [{ id, head: null }] : []
}

function fileChange({ id, before, after }: Change, scope: RecordScope): FileChange[] {
  if (belongsTo(after, scope)) return [{ type: before === null ? 'added' : 'modified', id, data: after.data }]
  return belongsTo(before, scope) ? [{ type: 'removed', id, data: before.data }] : []
}

/** Five-method callers know no 'everything': they are given what there is now. */
function everything(table: Table, { appId, ownerId }: RecordScope): FileChange[] {
  return table.ofOwner(appId, ownerId).map(([id, { data }]) => ({ type: 'modified', id, data }))
}
