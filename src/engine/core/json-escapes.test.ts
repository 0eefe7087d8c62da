import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unescapeJson } from './json-escapes.ts'

test.each([
  ['no escapes', null],
  ['a\\nb', 'a\nb'],
  ['\\"a\\"\\/\\\\', '"a"/\\'],
  ['\\u0041\\u00e9', 'Aé'],
  ['C:\\windows \\x \\u12', null],
])('%j without its escapes is %j', (source, text) => {
  expect(unescapeJson(source)?.text ?? null).toBe(text)
})

test('a text that JSON has escaped is as it was, and each of its characters is known where it stood', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const source = JSON.stringify(text).slice(1, -1)
      const unescaped = unescapeJson(source)
      expect(unescaped?.text ?? source).toBe(text)
      let from = 0
      for (let index = 0; index < text.length; index += 1) {
        const at = unescaped === null ? index : unescaped.sourceOf(index)
        expect(at).toBe(from)
        const escaped = /^\\(?:u[0-9a-fA-F]{4}|.)/s.exec(source.slice(from))
        from += escaped === null ? 1 : escaped[0].length
      }
    }),
  )
})
