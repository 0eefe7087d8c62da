import { expect, test } from 'vitest'
import { mayContinue } from './continuation.ts'

test.each`
  former   | content     | expected | what
  ${'a\n'} | ${'a\nb\n'} | ${true}  | ${'another line'}
  ${''}    | ${'a\n'}    | ${true}  | ${'the first line'}
  ${'a\n'} | ${'a\n'}    | ${false} | ${'nothing more'}
  ${'a\n'} | ${'a'}      | ${false} | ${'less'}
  ${'a'}   | ${'ab\n'}   | ${false} | ${'a line that was not ended'}
  ${'a\n'} | ${'a\nb'}   | ${false} | ${'a line that is not ended'}
`('R9.3 $what', ({ former, content, expected }) => {
  expect(mayContinue(former.length, Buffer.from(content as string))).toBe(expected)
})
