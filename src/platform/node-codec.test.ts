import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeCodec } from './node-codec.ts'

describe('codec', () => {
  test('digests are SHA-256 in lower-case hex', () => {
    expect(nodeCodec.digest(new Uint8Array(0))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    expect(nodeCodec.digest(Buffer.from('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })

  test.each([
    ['Latin-1', [0x63, 0x61, 0x66, 0xe9]],
    ['a lone continuation byte', [0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('F10 %s is not UTF-8', (_name, bytes) => {
    expect(nodeCodec.decodeUtf8(Uint8Array.from(bytes))).toBeNull()
  })

  test('F10 a byte order mark, NULs and line ends come back', () => {
    const bytes = Buffer.from('\ufeffa\r\nb\0c\u2028😀')
    const text = nodeCodec.decodeUtf8(bytes)
    expect(text).toBe('\ufeffa\r\nb\0c\u2028😀')
    expect(Buffer.compare(nodeCodec.encodeUtf8(text!), bytes)).toBe(0)
  })

  test('F10 whatever decodes encodes back to the same bytes', () => {
    let decoded = 0
    let refused = 0
    const mixed = fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.string({ unit: 'binary' }).map(text => Buffer.from(text)),
    )
    fc.assert(
      fc.property(mixed, bytes => {
        const text = nodeCodec.decodeUtf8(bytes)
        if (text === null) refused++
        else decoded++
        expect(text === null || Buffer.compare(nodeCodec.encodeUtf8(text), bytes) === 0).toBe(true)
      }),
      { numRuns: 2_000 },
    )
    expect(decoded).toBeGreaterThan(100)
    expect(refused).toBeGreaterThan(100)
  })

  test('F10 base64 comes back byte for byte, also from a part of a larger buffer', () => {
    let seen = 0
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(8), (bytes, start) => {
        const part = bytes.subarray(Math.min(start, bytes.length))
        expect(Buffer.compare(nodeCodec.fromBase64(nodeCodec.toBase64(part))!, part)).toBe(0)
        seen += part.length
      }),
    )
    expect(seen).toBeGreaterThan(0)
  })

  test.each(['A', 'AAA', 'AA=', 'AB==', 'A A=', 'AA==\n', '-_-_', '====', 'AAAA=', 'é'])(
    '%j is not canonical base64',
    text => {
      expect(nodeCodec.fromBase64(text)).toBeNull()
    },
  )

  test('the empty text is the base64 of nothing', () => {
    expect(nodeCodec.fromBase64('')).toHaveLength(0)
  })
})
