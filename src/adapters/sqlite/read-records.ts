/** Reads many records by their ids, in pieces that leave the event loop its turns whatever their size. */
import type { StoredRecord } from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { SqliteConnection } from './connection.ts'
import { storedRecord } from './records.ts'

/** Records in the first piece; how many follow depends on how long it took. */
const FIRST_PIECE = 16
const LARGEST_PIECE = 256
/** What a piece should take, in milliseconds. */
const PIECE_MS = 5

/** In the order of `ids`; null where there is no such record. */
export async function readRecords(
  connection: SqliteConnection,
  clock: Clock,
  ids: readonly string[],
): Promise<(StoredRecord | null)[]> {
  const records: (StoredRecord | null)[] = []
  for (let size = FIRST_PIECE; records.length < ids.length;) {
    if (records.length > 0) await clock.yield()
    const piece = ids.slice(records.length, records.length + size)
    const began = clock.monotonic()
    const rows = await connection.read(({ statements }) =>
      statements.records.all({ ids: JSON.stringify(piece) }),
    )
    const byId = new Map(rows.map(row => [row.id, row]))
    for (const id of piece) {
      const row = byId.get(id)
      records.push(row === undefined ? null : storedRecord(row))
    }
    size = nextSize(size, clock.monotonic() - began)
  }
  return records
}

function nextSize(size: number, tookMs: number): number {
  const fitting = tookMs < PIECE_MS / 2 ? size * 2 : tookMs > PIECE_MS ? size / 2 : size
  return Math.max(1, Math.min(Math.floor(fitting), LARGEST_PIECE))
}
