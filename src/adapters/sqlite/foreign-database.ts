/** Whether a SQLite file belongs to another program: one in which a first sync would make its tables and triggers. */
import { statSync } from 'node:fs'
import { schemaEntries } from './ensure-schema.ts'
import { openToLook } from './look-only.ts'

/** For a lock, in milliseconds: whoever opens it next waits longer, and says so. */
const WAIT_MS = 500

/** What cannot be read is left to whoever opens it to tell. */
export function isForeignDatabase(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return false
    const client = openToLook(path, WAIT_MS)
    try {
      const tables = schemaEntries(client).filter(
        ({ name, type }) => type === 'table' && !name.startsWith('sqlite_'),
      )
      return tables.length > 0 && !tables.some(({ name }) => name === 'files' || name === 'lockstep_meta')
    } finally {
      client.close()
    }
  } catch {
    return false
  }
}
