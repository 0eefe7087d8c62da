/**
 * A pack: the contents of many bases one after another in one compressed frame. One by one, 10,000 small
 * contents take four times as long to compress.
 *
 * Every frame carries a checksum, for a merge with a base that were silently another content would be wrong.
 */
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync } from 'node:zlib'
import type { Digest } from '../../engine/core/entry.ts'
import type { StoredBytes } from './contents.ts'

export interface NamedContent {
  readonly digest: Digest
  readonly bytes: Uint8Array
}

/** Where a content lies in its pack, in bytes before compression. */
export interface PackedContent {
  readonly digest: Digest
  readonly offset: number
  readonly length: number
}

export interface Pack extends StoredBytes {
  /** Bytes before compression. */
  readonly rawSize: number
  readonly contents: readonly PackedContent[]
}

/** Compresses, and is read, in a few milliseconds. A larger content is a pack of its own. Before compression. */
export const LARGEST_PACK_BYTES = 512 * 1024
/** Their rows are written in a few milliseconds. */
export const LARGEST_PACK_CONTENTS = 1_000

/** The fastest level: packs are made while a first sync waits. */
const OPTIONS = {
  params: {
    [constants.ZSTD_c_compressionLevel]: 1,
    [constants.ZSTD_c_checksumFlag]: 1,
  },
}

const compressAsync = promisify(zstdCompress)

/** Keeps the order. */
export function groupForPacks(contents: Iterable<NamedContent>): NamedContent[][] {
  const groups: NamedContent[][] = []
  let group: NamedContent[] = []
  let size = 0
  for (const content of contents) {
    const isFull = size + content.bytes.length > LARGEST_PACK_BYTES || group.length === LARGEST_PACK_CONTENTS
    if (isFull && group.length > 0) {
      groups.push(group)
      group = []
      size = 0
    }
    group.push(content)
    size += content.bytes.length
  }
  if (group.length > 0) groups.push(group)
  return groups
}

/** Blocks in proportion to the contents; see `packGently`. */
export function pack(contents: readonly NamedContent[]): Pack {
  const raw = joined(contents)
  return packOf(contents, raw, zstdCompressSync(raw, OPTIONS))
}

/** Leaves what is larger than a usual pack to another thread. */
export async function packGently(contents: readonly NamedContent[]): Promise<Pack> {
  const raw = joined(contents)
  const isUsual = raw.length <= LARGEST_PACK_BYTES
  return packOf(contents, raw, isUsual ? zstdCompressSync(raw, OPTIONS) : await compressAsync(raw, OPTIONS))
}

function joined(contents: readonly NamedContent[]): Uint8Array {
  const [first] = contents
  if (contents.length === 1 && first !== undefined) return first.bytes
  return Buffer.concat(contents.map(content => content.bytes))
}

function packOf(contents: readonly NamedContent[], raw: Uint8Array, bytes: Uint8Array): Pack {
  let offset = 0
  const places = contents.map(content => {
    const place = { digest: content.digest, offset, length: content.bytes.length }
    offset += place.length
    return place
  })
  return { codec: 'zstd', bytes, rawSize: raw.length, contents: places }
}
