/** A record in the shapes it is asked for, and the digest by which its head is known to fit it. */
import type { FileDocument, HeadDocument, Stored } from './tables'

export interface FileRow {
  id: string
  path: string
  content: string
  app: string
  ownerId: string
  lastUpdated: number
  createdAt?: number
}

export interface HeadRow {
  id: string
  etag: string
  lastUpdated: number
}

export interface RecordRow extends FileRow {
  etag: string
}

export interface Fields {
  path: string
  content: string
  app: string
  ownerId: string
  lastUpdated: number
  createdAt?: number
}

export const EMPTY_FIELDS: Fields = { path: '', content: '', app: '', ownerId: '', lastUpdated: 0 }

export function rowOf(file: FileDocument): FileRow {
  return { id: file.syncId, ...fieldsOf(file) }
}

export function fieldsOf({ path, content, app, ownerId, lastUpdated, createdAt }: FileDocument): Fields {
  return {
    path,
    content,
    app,
    ownerId,
    lastUpdated,
    ...(createdAt === undefined ? {} : { createdAt }),
  }
}

export function headRow({ syncId, etag, lastUpdated }: HeadDocument): HeadRow {
  return { id: syncId, etag, lastUpdated }
}

export function headRowOf(file: FileDocument, head: HeadDocument | undefined): HeadRow {
  return { id: file.syncId, etag: etagOf(file, head), lastUpdated: file.lastUpdated }
}

/** That of the head, if it was made for this very document. */
export function etagOf(file: FileDocument, head: HeadDocument | undefined): string {
  const { digest } = measure(file)
  return head !== undefined && digestIn(head.etag) === digest ? head.etag : `0.${digest}`
}

export function isFitting({ file, head }: Stored): boolean {
  if (file === null || head === undefined) return file === null && head === undefined
  return head.file === file._id && digestIn(head.etag) === measure(file).digest
}

function digestIn(etag: string): string {
  return etag.slice(etag.indexOf('.') + 1)
}

const { imul } = Math

/** A digest of all that a record says, against oversight and not against malice; and the size of its texts in UTF-8 bytes. */
export function measure({ path, content, app, ownerId, lastUpdated }: Fields): {
  digest: string
  bytes: number
} {
  let low = 0x12345678
  let high = 0x9abcdef1
  let bytes = 0
  for (const text of [path, content, app, ownerId, String(lastUpdated)]) {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      low = imul(low ^ unit, 0x01000193)
      high = imul(high + unit, 0x85ebca6b)
      high ^= high >>> 15
      bytes += utf8Length(unit)
    }
    // Where one text ends and the next begins.
    low = imul(low ^ text.length, 0x27d4eb2f)
    high = imul(high ^ (low >>> 13) ^ text.length, 0xc2b2ae35)
  }
  const digest = ((low ^ (high >>> 11)) >>> 0).toString(36) + '-' + (high >>> 0).toString(36)
  return { digest, bytes }
}

/** In bytes; each half of a surrogate pair is half of its four. */
function utf8Length(unit: number): number {
  if (unit < 0x80) return 1
  if (unit < 0x800) return 2
  return unit >= 0xd800 && unit < 0xe000 ? 2 : 3
}

export function bytesOf(text: string): number {
  let bytes = 0
  for (let at = 0; at < text.length; at++) bytes += utf8Length(text.charCodeAt(at))
  return bytes
}

/** As Convex sorts strings: by their UTF-8 bytes, which is by code points. */
export function inOrder(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const difference = rankOf(a.charCodeAt(at)) - rankOf(b.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Halves of surrogate pairs stand for the highest code points. */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
