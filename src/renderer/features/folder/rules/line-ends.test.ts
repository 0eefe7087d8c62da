import { describe, expect, it } from 'vitest'
import { withLineEnds } from './line-ends.ts'

/** What a textarea makes of a text. */
const shown = (text: string) => text.replace(/\r\n?/g, '\n')

describe('withLineEnds', () => {
  it.each([
    ['{\r\n  "a": 1\r\n}', 'CRLF'],
    ['{\n  "a": 1\r\n}\r\n', 'mixed'],
    ['a\rb\r\rc', 'CR'],
    ['', 'nothing'],
  ])('leaves an unedited text as it is: %j (%s)', text => {
    expect(withLineEnds(text, shown(text))).toBe(text)
  })

  it('keeps the line ends around an edit, and gives new lines those of the file', () => {
    const before = '{\r\n  "a": 1\r\n}'
    expect(withLineEnds(before, '{\n  "a": 1,\n  "b": 2\n}')).toBe('{\r\n  "a": 1,\r\n  "b": 2\r\n}')
    expect(withLineEnds('a\r\nb\nc\r\n', 'a\nB\nc\n')).toBe('a\r\nB\nc\r\n')
  })

  it('removes exactly what was removed', () => {
    expect(withLineEnds('a\r\na\r\na\r\n', 'a\na\n')).toBe('a\r\na\r\n')
    expect(withLineEnds('a\r\n', '')).toBe('')
  })

  it('counts a character outside the basic plane as the textarea does', () => {
    expect(withLineEnds('“𝄞”\r\nx\r\n', '“𝄞”\ny\n')).toBe('“𝄞”\r\ny\r\n')
  })
})
