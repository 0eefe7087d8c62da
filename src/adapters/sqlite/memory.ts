/**
 * What the log still knows of writes that were seen in it. It has one row for each record, with the number of its last
 * change, and numbers are never given twice: a log that has forgotten one is that of an older copy of the database.
 */
import type { SeenWrite } from '../../engine/ports/adapter.ts'
import type { OpenDatabase } from './connection.ts'
import { etagOf, orderOf } from './records.ts'
import type { Statements } from './statements.ts'

export function remembers({ statements }: OpenDatabase, writes: readonly SeenWrite[]): boolean[] {
  const ids = JSON.stringify(writes.map(({ id }) => id))
  const numbers = JSON.stringify(writes.map(({ etag }) => orderOf(etag)))
  const last = new Map(statements.lastChanges.all({ ids }).map(({ id, seq }) => [id, seq]))
  const holders = new Map(statements.changesAt.all({ numbers }).map(({ id, seq }) => [seq, id]))
  const gap = Number(statements.meta.get({ key: 'gap' })?.value ?? 0)
  return writes.map(({ id, etag }) => {
    const order = orderOf(etag)
    if (order === null) return true
    if ((holders.get(order) ?? id) !== id) return false
    // Up to the gap deletes were pruned from the log, and writes never came into it.
    if (order <= gap) return true
    const newest = last.get(id) ?? 0
    // Whatever followed the write has a number of its own: what has this one was written in a copy.
    return newest === order ? etagNow(statements, id) === etag : newest > order
  })
}

function etagNow(statements: Statements, id: string): string | null {
  const head = statements.head.get({ id })
  return head === undefined ? null : etagOf(head.lastUpdated, head.seq)
}
