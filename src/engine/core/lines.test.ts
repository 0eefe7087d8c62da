import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commonLineEnd, joinLines, splitLines, withLineEnd } from './lines.ts'

const text = fc.string({ unit: fc.constantFrom('a', 'ü', '\n', '\r', '\r\n', ' ') })

test.each([
  ['', []],
  ['a', ['a']],
  ['a\n', ['a\n']],
  ['\n\n', ['\n', '\n']],
  ['a\r\nb\rc\n\rd', ['a\r\n', 'b\r', 'c\n', '\r', 'd']],
])('R5 %j keeps each line’s end', (text, lines) => {
  expect(splitLines(text)).toEqual(lines)
})

test('R5 lines joined are the text again', () => {
  fc.assert(
    fc.property(text, text => {
      expect(splitLines(text).join('')).toBe(text)
      expect(joinLines(splitLines(text))).toBe(text)
    }),
  )
})

test.each([
  ['a\nb\n', '\n'],
  ['a\r\nb', '\r\n'],
  ['a\rb\r', '\r'],
  ['a\nb\r\n', null],
  ['a', null],
  ['', null],
])('%j has the common end %j', (text, end) => {
  expect(commonLineEnd(splitLines(text))).toBe(end)
})

test('a last line without an end keeps having none', () => {
  expect(withLineEnd(['a\n', 'b'], '\r\n')).toEqual(['a\r\n', 'b'])
})

test('R1 a line is not glued to the next one', () => {
  expect(joinLines(['a', 'b\r\n', 'c'])).toBe('a\r\nb\r\nc')
  expect(joinLines(['a', 'b'])).toBe('a\nb')
})
