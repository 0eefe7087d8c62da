/** Contents as the state store keeps them: compressed where that gains something. */
import { promisify } from 'node:util'
import { zstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { ContentCodec } from './schema.ts'

export interface StoredBytes {
  readonly codec: ContentCodec
  readonly bytes: Uint8Array
}

/** Below this a frame's own bytes eat the gain. */
const SMALLEST_COMPRESSED_BYTES = 96
/** Above this one compression would hold up the event loop for more than some 10 ms. */
const LARGEST_SYNC_BYTES = 2 * 1024 * 1024

const compressAsync = promisify(zstdCompress)

/** Blocks in proportion to the content; see `compressGently`. */
export function compress(bytes: Uint8Array): StoredBytes {
  if (bytes.length < SMALLEST_COMPRESSED_BYTES) return { codec: 'raw', bytes }
  return smaller(bytes, zstdCompressSync(bytes))
}

/** Leaves a large content to another thread. */
export async function compressGently(bytes: Uint8Array): Promise<StoredBytes> {
  return bytes.length <= LARGEST_SYNC_BYTES ? compress(bytes) : smaller(bytes, await compressAsync(bytes))
}

/** Throws where the bytes are damaged. */
export function decompress(stored: StoredBytes): Uint8Array {
  switch (stored.codec) {
    case 'raw':
      return stored.bytes
    case 'zstd':
      return zstdDecompressSync(stored.bytes)
  }
}

/** The same memory, as SQLite takes it. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function smaller(bytes: Uint8Array, compressed: Uint8Array): StoredBytes {
  return compressed.length < bytes.length ? { codec: 'zstd', bytes: compressed } : { codec: 'raw', bytes }
}
