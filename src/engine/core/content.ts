/**
 * How a file's bytes become the text column, and back (design, section 2).
 *
 * UTF-8 is stored as it is. Other bytes are a data URL; so is a text that itself begins like one, and
 * therefore a stored text with that prefix always means bytes. Law: decode(encode(bytes)) equals bytes.
 */

/** Of `ports/codec`, what this needs; the core imports no port. */
export interface ContentCodec {
  decodeUtf8(bytes: Uint8Array): string | null
  encodeUtf8(text: string): Uint8Array
  toBase64(bytes: Uint8Array): string
  fromBase64(text: string): Uint8Array | null
}

const BYTES_PREFIX = 'data:application/octet-stream;base64,'

export function encodeContent(bytes: Uint8Array, codec: ContentCodec): string {
  const text = codec.decodeUtf8(bytes)
  return text === null || text.startsWith(BYTES_PREFIX) ? BYTES_PREFIX + codec.toBase64(bytes) : text
}

/** Null where the stored text stands for no bytes: broken base64, or half a character (a lone surrogate). */
export function decodeContent(text: string, codec: ContentCodec): Uint8Array | null {
  if (text.startsWith(BYTES_PREFIX)) return codec.fromBase64(text.slice(BYTES_PREFIX.length))
  return text.isWellFormed() ? codec.encodeUtf8(text) : null
}
