/** Bytes and texts on Node (port: engine/ports/codec). */
import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import type { Codec } from '../engine/ports/codec.ts'

export const nodeCodec: Codec = {
  digest: bytes => hash('sha256', bytes, 'hex'),

  // Unlike TextDecoder's default, this keeps a byte order mark, so the text encodes back to the same bytes.
  decodeUtf8: bytes => (isUtf8(bytes) ? view(bytes).toString('utf8') : null),

  encodeUtf8: text => Buffer.from(text, 'utf8'),

  toBase64: bytes => view(bytes).toString('base64'),

  fromBase64: text => {
    // Buffer skips what it does not know and takes missing padding; only what encodes back to itself is canonical.
    const bytes = Buffer.from(text, 'base64')
    return bytes.toString('base64') === text ? bytes : null
  },
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
