/** A content as a client gets it: text that can be shown, or what it is instead. */
import type { Body } from '../../contract/words.ts'
import { decodeContent } from '../../engine/core/content.ts'
import { nodeCodec } from '../../platform/node-codec.ts'

/** Above this a browser's editor no longer helps anybody, in UTF-8 bytes. */
const MOST_SHOWN = 2 * 1024 * 1024

/** Of the text column's form: other bytes are a data URL there. */
export function bodyOf(content: string): Body {
  const bytes = decodeContent(content, nodeCodec)
  return bytes === null ? { kind: 'binary', size: content.length } : bodyOfBytes(bytes)
}

export function bodyOfBytes(bytes: Uint8Array): Body {
  const size = bytes.length
  const text = nodeCodec.decodeUtf8(bytes)
  if (text === null) return { kind: 'binary', size }
  return size > MOST_SHOWN ? { kind: 'large', size } : { kind: 'text', text, size }
}
