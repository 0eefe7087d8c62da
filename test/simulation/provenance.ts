/**
 * Knows of each file and each record whether somebody has made it what it is, or a break: a power cut, a copy that was
 * put back, a drive that is away, rules or a database that were others for a while. What comes from a break alone
 * deletes and replaces nothing, on any device, unless a person has said so (R4, R8).
 *
 * It goes by who did what, and shares no code with what it judges.
 */

/** `engine`: sync, with a content that is somebody's. */
type Maker = 'program' | 'engine' | 'break'

/** What a path of a device holds, and since whom; a null digest: nothing. */
export interface FileMark {
  readonly by: Maker
  readonly digest: string | null
  /** The record that the path belonged to when sync was watching it; null while nothing was watched. */
  readonly under: string | null
}

/** `order` rises with each write and delete of a database, and goes back with it. */
export interface RecordMark {
  readonly by: 'somebody' | 'break'
  readonly digest: string | null
  readonly order: number
}

interface Write {
  readonly digest: string
  readonly version: number
  readonly order: number
}

/** What a device has agreed on, as far as it says which write that was. */
interface Agreed {
  readonly digest: string
  readonly version: number
}

const NOTHING: RecordMark = { by: 'break', digest: null, order: 0 }

export class Provenance {
  /** By device and path. */
  readonly #files = new Map<string, FileMark>()
  /** By database and id. */
  #records = new Map<string, RecordMark>()
  readonly #writes = new Map<string, Write[]>()
  /** Contents that both sides agreed on, each with the times it had then, by device and path. */
  readonly #hadFiles = new Map<string, { readonly digest: string; readonly mtimeMs: number }[]>()
  readonly #allowed = new Set<string>()
  #order = 0

  file(key: string): FileMark | undefined {
    return this.#files.get(key)
  }

  noteFile(key: string, mark: FileMark): void {
    this.#files.set(key, mark)
  }

  noteRecord(key: string, digest: string | null, version: number): void {
    this.#order += 1
    this.#records.set(key, { by: 'somebody', digest, order: this.#order })
    if (digest === null) return
    const write = { digest, version, order: this.#order }
    this.#writes.set(key, [...(this.#writes.get(key) ?? []), write])
  }

  /** Of the records whose keys begin so. */
  copyRecords(prefix: string): ReadonlyMap<string, RecordMark> {
    return new Map([...this.#records].filter(([key]) => key.startsWith(prefix)))
  }

  /** What a copy has otherwise nobody has written since. */
  putBackRecords(prefix: string, copy: ReadonlyMap<string, RecordMark>): void {
    const now = this.copyRecords(prefix)
    for (const key of new Set([...now.keys(), ...copy.keys()])) {
      const former = copy.get(key) ?? NOTHING
      if (now.get(key)?.order !== former.order) this.#records.set(key, { ...former, by: 'break' })
    }
  }

  noteAgreedFile(key: string, digest: string, mtimeMs: number): void {
    this.#hadFiles.set(key, [...(this.#hadFiles.get(key) ?? []), { digest, mtimeMs }])
  }

  hadFile(key: string, digest: string, mtimeMs: number): boolean {
    const files = this.#hadFiles.get(key) ?? []
    return files.some(file => file.digest === digest && file.mtimeMs === mtimeMs)
  }

  /** Its history is gone: an older copy cannot be told from an edit. */
  forgetAgreedFiles(device: string): void {
    for (const key of this.#hadFiles.keys()) if (key.startsWith(`${device}:`)) this.#hadFiles.delete(key)
  }

  /** A person has decided about this path on this device. */
  allow(key: string): void {
    this.#allowed.add(key)
  }

  /** Why the device must not give the record this content, that of its file, in the place of another one. */
  faultOfPush(key: string, record: string, digest: string): string | null {
    const file = this.#files.get(key)
    if (file?.digest !== digest || this.#allowed.has(key)) return null
    if (file.by === 'break') return 'with what a break alone has put there'
    const isFromElsewhere = file.by === 'engine' && file.under !== null && file.under !== record
    return isFromElsewhere ? `with what sync has brought there from ${file.under}` : null
  }

  faultOfRemoteDelete(key: string, record: string): string | null {
    const file = this.#files.get(key)
    if (this.#allowed.has(key) || (file !== undefined && file.digest !== null)) return null
    if (file === undefined) return 'though its file was never there'
    if (file.by === 'break') return 'though a break alone has taken its file'
    if (file.by === 'engine') return 'though sync itself has removed its file'
    const isElsewhere = file.under !== null && file.under !== record
    return isElsewhere ? `though its file was deleted while it was ${file.under}` : null
  }

  /** Why the device must not take the record over: it is that of a time before what the device has agreed on. */
  faultOfPull(key: string, record: string, digest: string | null, agreed: Agreed | undefined): string | null {
    const mark = this.#records.get(record)
    if (mark?.by !== 'break' || mark.digest !== digest || this.#allowed.has(key)) return null
    return this.#orderOf(record, agreed) > mark.order ? 'for what a break alone has made of its record' : null
  }

  /** Whether sync has brought back what a program had deleted, though nobody has written the record since. */
  isUndone(key: string, record: string, agreed: Agreed | undefined): boolean {
    const file = this.#files.get(key)
    if (file?.by !== 'program' || file.digest !== null || this.#allowed.has(key)) return false
    const isOfThis = file.under === null || file.under === record
    return (
      isOfThis && agreed !== undefined && this.#records.get(record)?.order === this.#orderOf(record, agreed)
    )
  }

  #orderOf(record: string, agreed: Agreed | undefined): number {
    const isIt = ({ digest, version }: Write): boolean =>
      digest === agreed?.digest && version === agreed.version
    return this.#writes.get(record)?.findLast(isIt)?.order ?? 0
  }
}
