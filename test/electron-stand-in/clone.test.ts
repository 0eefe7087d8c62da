/** What crosses between main process and page arrives as a structured clone of it. */
import { expect, test } from 'vitest'
import { makeCodec } from './clone.ts'

const codec = makeCodec()

test('a value of each kind comes back as it was', () => {
  const value = {
    text: 'a\u0000ü',
    numbers: [1, -0, NaN, -Infinity],
    big: 12n,
    nothing: [null, undefined],
    at: new Date(5),
    pattern: /a+/gi,
    map: new Map<unknown, unknown>([[{ k: 1 }, new Set([1, 'two'])]]),
    bytes: new Uint8Array([0, 255, 7]),
    floats: new Float64Array([0.5]),
    buffer: new Uint8Array([1, 2]).buffer,
    tagged: { $: 'date', v: 1 },
  }
  expect(codec.decode(codec.encode(value))).toEqual(value)
})

test('a Buffer arrives as plain bytes, and only the part that it shows', () => {
  const buffer = Buffer.from('abcdef').subarray(2, 4)
  expect(codec.decode(codec.encode(buffer))).toEqual(new Uint8Array([99, 100]))
})

test('what no clone can hold is refused as Electron does', () => {
  expect(() => codec.encode(() => 1)).toThrow('An object could not be cloned.')
  expect(() => codec.encode({ deep: Symbol('x') })).toThrow('An object could not be cloned.')
  expect(() => codec.encode(Promise.resolve())).toThrow('An object could not be cloned.')
})
