/** The byte-level primitives that differ between runtimes. Pure functions of their input. */
import type { Digest } from '../core/entry.ts'

export interface Codec {
  digest(bytes: Uint8Array): Digest
  /** The text, with a byte order mark kept; null where the bytes are not valid UTF-8. */
  decodeUtf8(bytes: Uint8Array): string | null
  encodeUtf8(text: string): Uint8Array
  toBase64(bytes: Uint8Array): string
  /** Null where the text is not canonical base64. */
  fromBase64(text: string): Uint8Array | null
}
