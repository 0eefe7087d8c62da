/**
 * Tells when a copy was written over the file of an open database (`cp`, an editor, a backup's restore).
 *
 * SQLite learns of changes by its log (`-wal`) alone. Pages that it has read before stay as they were, and a write made
 * from them would mix both databases into a damaged one (https://sqlite.org/howtocorrupt.html). Without a commit the file
 * itself is only written when what is in the log is moved there, and that changes nothing of what a reader sees.
 */
import type { Database, Statement } from 'better-sqlite3'
import { type FileLook, type Place, isSameLook, lookAt, placeOf } from './place.ts'

interface OpenedAs {
  readonly seen: FileLook
  readonly walPath: string
  /** Of other connections' commits. */
  readonly dataVersion: Statement<[], number>
  /** The newest number in the log of changes. */
  readonly sequence: Statement<[], number>
}

export class OpenFile {
  readonly #client: Database
  readonly #path: string
  readonly #walPath: string
  readonly #wal: Place | null
  readonly #statements: Pick<OpenedAs, 'dataVersion' | 'sequence'>
  #seen: FileLook

  constructor(client: Database, path: string, { seen, walPath, ...statements }: OpenedAs) {
    this.#client = client
    this.#path = path
    this.#walPath = walPath
    this.#wal = placeOf(walPath)
    this.#seen = seen
    this.#statements = statements
  }

  /** `now`: how the file is found. Costs a look at the log, and more where the file was written since the last call. */
  isWrittenOver(now: FileLook): boolean {
    // Only the last one who has a database open removes its log, and here it is open.
    if (placeOf(this.#walPath)?.inode !== this.#wal?.inode) return true
    if (isSameLook(now, this.#seen)) return false
    const before = this.#newest()
    this.#client.pragma('shrink_memory')
    const after = this.#newest()
    const isOther = after.version === before.version && after.sequence !== before.sequence
    if (isOther || !this.#isWhole(now)) return true
    this.#seen = now
    return false
  }

  #newest(): { readonly version: number | undefined; readonly sequence: number | undefined } {
    const { dataVersion, sequence } = this.#statements
    return { version: dataVersion.get(), sequence: sequence.get() }
  }

  /** Once the log is empty, the file has as many pages as its readers were told. */
  #isWhole(now: FileLook): boolean {
    if (lookAt(this.#walPath)?.size !== 0n) return true
    const pages = this.#client.pragma('page_count', { simple: true })
    const pageBytes = this.#client.pragma('page_size', { simple: true })
    const later = lookAt(this.#path)
    // Somebody writes just now: the next look tells.
    if (later === null || !isSameLook(now, later)) return true
    return now.size === BigInt(Number(pages) * Number(pageBytes))
  }
}
