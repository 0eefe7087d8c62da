import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { times } from '../../../test/support/long.ts'
import { decodeContent, encodeContent } from './content.ts'
import type { ContentCodec } from './content.ts'
import { isDatabaseFile } from './database-file.ts'

const codec: ContentCodec = {
  decodeUtf8: bytes => {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      return null
    }
  },
  encodeUtf8: text => new TextEncoder().encode(text),
  toBase64: bytes => Buffer.from(bytes).toString('base64'),
  fromBase64: text => {
    const bytes = Buffer.from(text, 'base64')
    return bytes.toString('base64') === text ? new Uint8Array(bytes) : null
  },
}

const RUNS = times({ short: 1_000, long: 100_000 })

const PREFIX = 'data:application/octet-stream;base64,'
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const SQLITE = utf8('SQLite format 3\0')
const arbitraryBytes = fc.oneof(
  fc.uint8Array(),
  fc.uint8Array().map(rest => Uint8Array.from([...SQLITE, ...rest])),
  fc.string({ unit: 'grapheme' }).map(utf8),
  fc.string().map(text => utf8(PREFIX + text)),
  fc.string().map(text => utf8(`\uFEFF${text}\r\n\0`)),
)

test('R1 F10 every content comes back byte for byte', () => {
  const seen = { text: 0, bytes: 0, databases: 0 }
  fc.assert(
    fc.property(arbitraryBytes, bytes => {
      const text = encodeContent(bytes, codec)
      seen[text.startsWith(PREFIX) ? 'bytes' : 'text']++
      expect(decodeContent(text, codec)).toEqual(bytes)
      // R10.5
      const isDatabase = Buffer.from(bytes).subarray(0, 16).toString('latin1') === 'SQLite format 3\0'
      if (isDatabase) expect(isDatabaseFile(bytes)).toBe(true)
      if (isDatabaseFile(bytes)) seen.databases++
    }),
    { numRuns: RUNS },
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(RUNS / 20)
})

test('F10 equal texts mean equal contents', () => {
  fc.assert(
    fc.property(arbitraryBytes, arbitraryBytes, (a, b) => {
      const same = Buffer.from(a).equals(Buffer.from(b))
      expect(encodeContent(a, codec) === encodeContent(b, codec)).toBe(same)
    }),
  )
})

describe('the text column', () => {
  test('holds UTF-8 as it is', () => {
    expect(encodeContent(utf8('{"a": "ä"}\r\n'), codec)).toBe('{"a": "ä"}\r\n')
    expect(encodeContent(utf8('\uFEFFa'), codec)).toBe('\uFEFFa')
    expect(encodeContent(utf8(''), codec)).toBe('')
  })

  test('holds other bytes as a data URL', () => {
    expect(encodeContent(new Uint8Array([0xff, 0x00]), codec)).toBe(`${PREFIX}/wA=`)
  })

  test('holds a text that begins as one in the same way', () => {
    expect(encodeContent(utf8(`${PREFIX}/wA=`), codec)).toBe(
      PREFIX + Buffer.from(`${PREFIX}/wA=`).toString('base64'),
    )
    expect(encodeContent(utf8('data:text/plain,x'), codec)).toBe('data:text/plain,x')
  })

  test.each([`${PREFIX}*`, `${PREFIX}/wA`, `${PREFIX}/wA= `, 'half \ud83d'])(
    '%j stands for no bytes',
    text => {
      expect(decodeContent(text, codec)).toBeNull()
    },
  )
})
