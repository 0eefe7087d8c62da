import { describe, expect, test } from 'vitest'
import { escaped, replaceUnseen, shownName, shownText } from './shown.ts'

describe('R12.7 a name cannot look like another one', () => {
  test.each([
    ['what turns text around', 'a\u202egnp.exe.md', String.raw`a\u202egnp.exe.md`],
    ['an isolate', 'a\u2067b\u2069', String.raw`a\u2067b\u2069`],
    ['marks of direction', 'a\u200e\u200f\u061cb', String.raw`a\u200e\u200f\u061cb`],
    ['a zero-width space', 'a\u200bb.md', String.raw`a\u200bb.md`],
    ['joiners between letters that have none', 'a\u200db\u200c.md', String.raw`a\u200db\u200c.md`],
    ['a joiner too many', '\u0645\u200c\u200c\u0645', '\u0645\u200c' + String.raw`\u200c` + '\u0645'],
    ['a soft hyphen', 'a\u00adb', String.raw`a\xadb`],
    ['fillers that look like a space', 'a\u3164\u2800b', String.raw`a\u3164\u2800b`],
    ['a byte order mark', '\ufeffa', String.raw`\ufeffa`],
    ['variation selectors', 'a\ufe0fb\ufe01', String.raw`a\ufe0fb\ufe01`],
    ['tags', 'a\u{e0041}b', String.raw`a\u{e0041}b`],
    ['control characters', 'a\n\u001b[2J\u009b\u2028', String.raw`a\x0a\x1b[2J\x9b\u2028`],
    ['half a character', 'a\ud83d', String.raw`a\ud83d`],
  ])('%s', (_, name, shown) => {
    expect(escaped(name)).toBe(shown)
    expect(escaped(shown)).toBe(shown)
  })

  test.each([
    'größe, 日本 (2).md',
    'שלום.md',
    'مرحبا ١٢٣.md',
    'می\u200cخواهم.md',
    'क्\u200dष.md',
    'family 👨‍👩‍👧 ❤️ 1️⃣ 👩🏽‍💻.md',
    '\u0601١.md',
  ])('%s stays as it is', name => {
    expect(escaped(name)).toBe(name)
  })
})

test('R12.7 amid other words a name that reads from right to left is isolated, and no other', () => {
  expect(shownName('שלום')).toBe('\u2068שלום\u2069')
  expect(shownName('a.md')).toBe('a.md')
  expect(shownName('a\u202eb')).toBe(String.raw`a\u202eb`)
})

describe('R12.7 a sentence', () => {
  test('keeps its lines, and the names that were isolated', () => {
    const text = `${shownName('שלום')} and ${shownName('عالم')}\n\tare held.`
    expect(shownText(text)).toBe(text)
  })

  test.each([
    ['one that is not ended', '\u2068a', String.raw`\u2068a`],
    ['an end without one', 'a\u2069', String.raw`a\u2069`],
    ['what turns text around in one', '\u2068a\u202eb\u2069', '\u2068a' + String.raw`\u202e` + 'b\u2069'],
    ['one in another', '\u2068a\u2067b\u2069\u2069', String.raw`\u2068a\u2067b\u2069\u2069`],
  ])('lets no isolate of a name through that reaches further: %s', (_, text, shown) => {
    expect(shownText(text)).toBe(shown)
  })
})

test('each character is given whole', () => {
  const seen: string[] = []
  replaceUnseen('a\u{e0041}\u200b', character => String(seen.push(character)))
  expect(seen).toEqual(['\u{e0041}', '\u200b'])
})
