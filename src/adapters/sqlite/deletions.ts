/** What the log says of records that are gone: deleted since, or never heard of, in a database that is an older copy. */
import type { OpenDatabase } from './connection.ts'
import { orderOf } from './records.ts'

export interface GoneRecord {
  readonly id: string
  /** Of the last write that is known of it. */
  readonly etag: string
}

export function wereDeleted(database: OpenDatabase, records: readonly GoneRecord[]): boolean[] {
  const { statements } = database
  const ids = JSON.stringify(records.map(({ id }) => id))
  const last = new Map(statements.lastChanges.all({ ids }).map(({ id, seq }) => [id, seq]))
  const gap = Number(statements.meta.get({ key: 'gap' })?.value ?? 0)
  return records.map(({ id, etag }) => {
    const order = orderOf(etag)
    // Up to the gap deletes were pruned from the log, or never came into it.
    if (order === null || order <= gap) return true
    return (last.get(id) ?? 0) > order
  })
}
