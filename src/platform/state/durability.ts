/**
 * Which rows of the base speak of files that are on the disk for certain (R1, R4).
 *
 * The state is durable with each commit; what it says of files is so only once these were flushed. Each row carries
 * the epoch it was written in. `endEpoch` ends it, `flushed` says that all files of it are on the disk. In another
 * boot the rows of later epochs are in doubt, and files that were gone on both sides may be back.
 */
import type Database from 'better-sqlite3'
import { getTableName } from 'drizzle-orm'
import type { FilesBreak } from '../../engine/core/breaks.ts'
import type { ScopeId } from '../../engine/ports/state-store.ts'
import { type Boot, currentBoot, isAnotherBoot } from '../boot.ts'
import { baseEntries, durability, goneEntries } from './schema.ts'
import { upsertInto } from './statements.ts'

const BASE = getTableName(baseEntries)
const GONE = getTableName(goneEntries)
const TABLE = getTableName(durability)
const ROW_ID = 1
const NOT_FLUSHED: FilesBreak = 'not-flushed'
const OLDER: FilesBreak = 'state-older'

type Row = typeof durability.$inferSelect

/** Marks what an earlier boot has left unflushed. To be called on opening. */
export function noteBoot(sqlite: Database.Database, now: Boot = currentBoot()): void {
  const known = readRow(sqlite)
  if (known !== null && known.bootId !== null && known.bootId === now.id) return
  sqlite.transaction(() => noteNewBoot(sqlite, now)).immediate()
}

function noteNewBoot(sqlite: Database.Database, { id: bootId, uptimeMs }: Boot): void {
  // Looked at again: another process may have done it while this one waited for the lock.
  const known = readRow(sqlite)
  const newestEpoch = known?.newestEpoch ?? 0
  let flushedEpoch = known?.flushedEpoch ?? newestEpoch
  if (
    known !== null &&
    isAnotherBoot({ id: known.bootId, uptimeMs: known.uptimeMs }, { id: bootId, uptimeMs })
  ) {
    doubtSince(sqlite, flushedEpoch)
    // What is in doubt now stays so until its file has been looked at.
    flushedEpoch = newestEpoch
  }
  upsertInto(sqlite, durability, ['id'])({ id: ROW_ID, newestEpoch, flushedEpoch, bootId, uptimeMs })
}

/** `highWater`: the newest epoch that the state has ever come to. To be called on opening, after `noteBoot`. */
export function noteOlderCopy(sqlite: Database.Database, highWater: number): void {
  if (readRow(sqlite)!.newestEpoch >= highWater) return
  const note = sqlite.transaction(() => {
    const known = readRow(sqlite)!
    if (known.newestEpoch >= highWater) return
    sqlite.prepare<[FilesBreak]>(`UPDATE ${BASE} SET doubt = ? WHERE doubt IS NULL`).run(OLDER)
    upsertInto(sqlite, durability, ['id'])({ ...known, newestEpoch: highWater })
  })
  note.immediate()
}

function doubtSince(sqlite: Database.Database, flushedEpoch: number): void {
  for (const table of [BASE, GONE])
    sqlite.prepare(`UPDATE ${table} SET doubt = ? WHERE epoch > ?`).run(NOT_FLUSHED, flushedEpoch)
  sqlite.prepare(`INSERT OR IGNORE INTO ${BASE} SELECT * FROM ${GONE} WHERE doubt = ?`).run(NOT_FLUSHED)
  sqlite.prepare(`DELETE FROM ${GONE}`).run()
}

/** The epochs of one process's rows. Its methods run inside the caller's transaction where they write. */
export class Durability {
  readonly #unflushed: Database.Statement<[ScopeId, ScopeId], string>
  readonly #noteEpoch: Database.Statement<[number]>
  readonly #noteFlush: Database.Statement<[{ epoch: number; uptimeMs: number }]>
  readonly #dropGone: Database.Statement<[number]>
  #epoch: number
  /** The newest one that is on record. */
  #noted: number

  constructor(sqlite: Database.Database) {
    this.#noted = readRow(sqlite)!.newestEpoch
    this.#epoch = this.#noted + 1
    this.#unflushed = sqlite
      .prepare<[ScopeId, ScopeId], string>(
        `SELECT path FROM ${BASE}, ${TABLE} WHERE scope_id = ? AND epoch > flushed_epoch
         UNION SELECT path FROM ${GONE}, ${TABLE} WHERE scope_id = ? AND epoch > flushed_epoch`,
      )
      .pluck()
    this.#noteEpoch = sqlite.prepare(`UPDATE ${TABLE} SET newest_epoch = MAX(newest_epoch, ?)`)
    this.#noteFlush = sqlite.prepare(
      `UPDATE ${TABLE} SET flushed_epoch = @epoch, newest_epoch = MAX(newest_epoch, @epoch), uptime_ms = @uptimeMs`,
    )
    this.#dropGone = sqlite.prepare(`DELETE FROM ${GONE} WHERE epoch <= ?`)
  }

  /** What a row is to carry that is written now. */
  stamp(): number {
    if (this.#noted < this.#epoch) this.#noteEpoch.run((this.#noted = this.#epoch))
    return this.#epoch
  }

  /** After a transaction that did not come to be. */
  forgetStamp(): void {
    this.#noted = Math.min(this.#noted, this.#epoch - 1)
  }

  /** The epoch that ends now; rows that are written later belong to the next one. */
  endEpoch(): number {
    return this.#epoch++
  }

  /** Paths whose files may not be on the disk yet. */
  unflushed(scope: ScopeId): string[] {
    return this.#unflushed.all(scope, scope)
  }

  /** All files that rows up to this epoch speak of are on the disk. It may have none. */
  flushed(epoch: number): void {
    this.#noteFlush.run({ epoch, uptimeMs: currentBoot().uptimeMs })
    this.#dropGone.run(epoch)
  }
}

function readRow(sqlite: Database.Database): Row | null {
  return sqlite.prepare<[], Row>(SELECT_ROW).get() ?? null
}

const SELECT_ROW = `SELECT id, newest_epoch AS newestEpoch, flushed_epoch AS flushedEpoch, boot_id AS bootId,
  uptime_ms AS uptimeMs FROM ${TABLE} WHERE id = ${ROW_ID}`
