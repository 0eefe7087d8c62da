/**
 * One connection to the database, opened when it is first needed and again when the file was replaced.
 *
 * All work goes through `read` and `write`. SQLite is synchronous, so whatever waits, waits here and not in
 * SQLite: a lock is tried again from a timer, and the event loop is never blocked longer than
 * `LOCK_WAIT_MS` by another program. Relies on each piece of work being short, and safe to be run again
 * from its start.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import Sqlite, { type Database, type Statement } from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3/driver'
import { AdapterError } from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { checkFilesTable, ensureSchema, tableCaveats } from './ensure-schema.ts'
import { isBusy, sqliteCode, toAdapterError } from './errors.ts'
import { makeUpSchema, openToLook } from './look-only.ts'
import { checkReachable } from './reachable.ts'
import { OpenFile } from './open-file.ts'
import {
  type FileLook,
  type Place,
  lookAt,
  placeName,
  placeOf,
  removeStaleWal,
  samePlace,
  walPathOf,
} from './place.ts'
import { pruneChanges } from './prune.ts'
import { type Orm, type Statements, prepareStatements } from './statements.ts'

const PRIVATE_MODE = 0o600
/** How long SQLite itself waits for a lock; it blocks the event loop meanwhile. */
const LOCK_WAIT_MS = 5
const FIRST_RETRY_MS = 4
const LONGEST_RETRY_MS = 120
/** After this long, a locked database is reported. */
const BUSY_LIMIT_MS = 10_000
/**
 * A database that vanished is made anew only after this time: whoever replaces it removes the old file
 * first, and copying over one that we have just made and opened would damage both.
 */
const VANISHED_GRACE_MS = 3_000
/**
 * A database that was written over is opened again only after this time: others that have it open look at it every
 * second, and what they were told of the former one is forgotten with the last of them.
 */
const WRITTEN_OVER_GRACE_MS = 2_000

export interface OpenDatabase {
  readonly client: Database
  readonly orm: Orm
  readonly statements: Statements
  /** Rises with each reopening. */
  readonly generation: number
  /** The newest number in the log when this connection began. */
  readonly sequenceAtOpen: number
  /** The file that a commit of any program writes to first. */
  readonly commitPath: string
  /** See the port. */
  readonly caveats: readonly string[]
}

interface Opened extends OpenDatabase {
  readonly place: Place
  /** Null without a log of its own, in a rollback journal. */
  readonly wal: Place | null
  /** Null without a log, where SQLite itself asks the file what it is; and where nothing is written. */
  readonly file: OpenFile | null
  readonly dataVersion: Statement<[], number>
  readonly schemaVersion: Statement<[], number>
  readonly sequence: Statement<[], number>
  /** The identity that this connection last saw. */
  knownId: string
  /** The schema that was last found good. */
  goodSchema: number
}

export class SqliteConnection {
  readonly path: string
  readonly #clock: Clock
  readonly #isPreview: boolean
  readonly #isPrivate: boolean
  readonly #closing = new AbortController()
  #opened: Opened | null = null
  /** The database that was at the path before. */
  #left: Opened | null = null
  #generation = 0
  #vanishedAt: number | null = null
  #writtenOverAt: number | null = null

  /** `isPreview`: the file stays as it is, byte for byte, and every write is refused. */
  constructor(
    path: string,
    clock: Clock,
    { isPreview, isPrivate }: { readonly isPreview: boolean; readonly isPrivate: boolean },
  ) {
    this.path = resolve(path)
    this.#clock = clock
    this.#isPreview = isPreview
    this.#isPrivate = isPrivate
  }

  /** Runs `work`, from its start again while the database is locked. Rejects with `AdapterError`. */
  async read<Result>(work: (database: OpenDatabase) => Result): Promise<Result> {
    const deadline = this.#clock.monotonic() + BUSY_LIMIT_MS
    for (let attempt = 0; ; attempt++) {
      try {
        return work(this.#current())
      } catch (error) {
        if (!isBusy(error) || this.#clock.monotonic() >= deadline) throw this.#failure(error)
      }
      await this.#clock.sleep(retryDelay(attempt, this.#clock.random()), this.#closing.signal)
    }
  }

  /** Runs `work` in a transaction that holds the write lock from its start. */
  write<Result>(work: (database: OpenDatabase) => Result): Promise<Result> {
    return this.read(database => {
      const result = database.client.transaction(() => work(database)).immediate()
      // What was written into a file that is no longer the database is written nowhere.
      if (!this.#isInPlace()) throw this.#replaced()
      return result
    })
  }

  /** The open database, or null; never waits. */
  peek(): OpenDatabase | null {
    return this.#opened
  }

  /** Changes when another connection has committed, or the database was opened anew. */
  commitMark(database: OpenDatabase): string {
    return `${database.generation}.${this.#own(database).dataVersion.get()}`
  }

  /** The newest number that the log ever gave. */
  sequence(database: OpenDatabase): number {
    return this.#own(database).sequence.get() ?? 0
  }

  async identity(): Promise<string> {
    return this.read(database => {
      return `${idOf(database.statements)}.${placeName(this.#own(database).place)}`
    })
  }

  /**
   * Gives a database that went back in time another identity (R8), unless another process has done so
   * since it was opened here.
   */
  renewIdentity(): Promise<void> {
    return this.write(database => {
      const opened = this.#own(database)
      database.client
        .prepare(`UPDATE lockstep_meta SET value = ? WHERE key = 'id' AND value = ?`)
        .run(randomUUID(), opened.knownId)
      opened.knownId = idOf(database.statements)
    })
  }

  /**
   * Moves what was committed from the log into the database's own file, unless somebody reads or writes
   * just now: whoever copies the file alone then has everything, and whoever replaces it leaves no log
   * behind that would be played into the new one.
   */
  async settle(): Promise<void> {
    await this.read(({ client }) => client.pragma('wal_checkpoint(TRUNCATE)'))
  }

  close(): void {
    this.#closing.abort()
    this.#drop()
  }

  #own(database: OpenDatabase): Opened {
    if (this.#opened !== database) throw this.#replaced()
    return this.#opened
  }

  #current(): Opened {
    if (this.#closing.signal.aborted) {
      throw new AdapterError('offline', `The database ${this.path} was closed.`, { retryable: false })
    }
    if (this.#opened !== null) this.#lookAtFile(this.#opened)
    const opened = this.#opened ?? this.#open()
    if (opened.schemaVersion.get() === opened.goodSchema) return opened
    if (this.#isPreview) {
      this.#drop()
      return this.#open()
    }
    ensureSchema(opened.client, this.path)
    opened.goodSchema = opened.schemaVersion.get() ?? 0
    return opened
  }

  #lookAtFile(opened: Opened): void {
    const look = lookAt(this.path)
    if (look === null || !samePlace(look.place, opened.place)) return this.#leave(opened)
    if (opened.file?.isWrittenOver(look) !== true) return
    this.#drop()
    this.#writtenOverAt = this.#clock.monotonic()
  }

  #isInPlace(): boolean {
    return this.#opened !== null && samePlace(placeOf(this.path), this.#opened.place)
  }

  /** Another file is at the path, or none. It may come back, so its log stays until another one is there. */
  #leave(opened: Opened): void {
    this.#drop()
    this.#left = opened
  }

  #removeLogOfLeft(): void {
    if (this.#left === null || samePlace(placeOf(this.path), this.#left.place)) return
    removeStaleWal(this.#left.commitPath, this.#left.wal)
  }

  #drop(): void {
    this.#opened?.client.close()
    this.#opened = null
  }

  #open(): Opened {
    this.#waitWhileVanished()
    this.#waitWhileWrittenOver()
    checkReachable(this.path)
    if (!this.#isPreview) this.#removeLogOfLeft()
    if (this.#isPrivate && !this.#isPreview) makePrivate(this.path)
    const client = this.#isPreview
      ? openToLook(this.path, LOCK_WAIT_MS)
      : new Sqlite(this.path, { timeout: LOCK_WAIT_MS })
    try {
      if (this.#isPreview) makeUpSchema(client, this.path)
      else makeOurs(client, this.path)
      const look = lookAt(this.path)
      if (look === null) throw this.#replaced()
      this.#opened = this.#prepare(client, look)
    } catch (error) {
      client.close()
      throw error
    }
    this.#vanishedAt = null
    this.#left = null
    return this.#opened
  }

  #prepare(client: Database, look: FileLook): Opened {
    const orm = drizzle(client)
    const pragma = (sql: string): Statement<[], number> => client.prepare<[], number>(sql).pluck()
    const sequence = pragma(`SELECT seq FROM sqlite_sequence WHERE name = 'lockstep_changes'`)
    const schemaVersion = pragma('PRAGMA schema_version')
    const statements = prepareStatements(orm)
    const isWal = client.pragma('journal_mode', { simple: true }) === 'wal'
    const commitPath = isWal ? walPathOf(this.path) : this.path
    const dataVersion = pragma('PRAGMA data_version')
    const isWatched = isWal && !this.#isPreview
    return {
      client,
      orm,
      statements,
      generation: ++this.#generation,
      sequenceAtOpen: sequence.get() ?? 0,
      commitPath,
      caveats: tableCaveats(client),
      place: look.place,
      wal: isWal ? placeOf(commitPath) : null,
      file: isWatched
        ? new OpenFile(client, this.path, { seen: look, walPath: commitPath, dataVersion, sequence })
        : null,
      dataVersion,
      schemaVersion,
      sequence,
      knownId: idOf(statements),
      goodSchema: schemaVersion.get() ?? 0,
    }
  }

  #waitWhileVanished(): void {
    if (this.#generation === 0 || placeOf(this.path) !== null) return
    this.#vanishedAt ??= this.#clock.monotonic()
    if (this.#clock.monotonic() - this.#vanishedAt >= VANISHED_GRACE_MS) return
    throw new AdapterError(
      'not-found',
      `The database ${this.path} is gone. If it stays away, a new one is made.`,
      { retryable: true },
    )
  }

  #waitWhileWrittenOver(): void {
    if (this.#writtenOverAt === null) return
    if (this.#clock.monotonic() - this.#writtenOverAt < WRITTEN_OVER_GRACE_MS) {
      throw new AdapterError(
        'offline',
        `Another database was copied over ${this.path} while it was open. It is opened anew in a moment.`,
        { retryable: true },
      )
    }
    this.#writtenOverAt = null
  }

  #replaced(): AdapterError {
    return new AdapterError(
      'offline',
      `The database ${this.path} was replaced by another file; it is opened anew.`,
      { retryable: true },
    )
  }

  #failure(error: unknown): AdapterError {
    // A damaged page is not mended by asking again, but the file may be exchanged for a good one.
    if (/^SQLITE_(?:CORRUPT|NOTADB|IOERR)/.test(sqliteCode(error) ?? '')) this.#drop()
    return toAdapterError(error, this.path)
  }
}

/** Where it is missing: empty, and for its owner alone. SQLite gives its mode to its logs. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', PRIVATE_MODE))
  } catch {
    // It is there, or SQLite says in its own words what is wrong.
  }
}

function idOf(statements: Statements): string {
  return statements.meta.get({ key: 'id' })?.value ?? ''
}

function makeOurs(client: Database, path: string): void {
  // Before anything is written: what belongs to another program stays as it is.
  checkFilesTable(client, path)
  // On some network file systems this stays a rollback journal; all but the speed is the same then.
  client.pragma('journal_mode = WAL')
  // A push that was answered must outlive a power cut: the base says that the database has it (R1).
  client.pragma('synchronous = FULL')
  ensureSchema(client, path)
  pruneChanges(client)
}

function retryDelay(attempt: number, random: number): number {
  const delay = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS)
  return delay * (0.5 + random)
}
