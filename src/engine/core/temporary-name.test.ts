import { expect, test } from 'vitest'
import { newName, putAsideName, readPutAside } from './temporary-name.ts'

const DIGEST = '0123456789abcdef'.repeat(4)

test.each([
  ['data/log.jsonl', 'data/log.jsonl'],
  ['top.md', 'top.md'],
  ['data/a-old-b.md', 'data/a-old-b.md'],
  [`data/${'x'.repeat(200)}.md`, null],
])('R1.2 the name of what was put aside tells of %s', (path, original) => {
  const name = putAsideName('run1-7', path, DIGEST)
  expect(readPutAside(name)).toEqual({ path: original, former: DIGEST.slice(0, 16) })
  expect(name.split('/').at(-1)!.length).toBeLessThan(255)
})

test('R1 names that an older version has given are read as well', () => {
  expect(readPutAside('data/_tmp-lockstep-run1-7-old-n.md')).toEqual({ path: 'data/n.md', former: null })
  expect(readPutAside('data/_tmp-lockstep-run1-7-old')).toEqual({ path: null, former: null })
})

test('what was to be put in place is none of them', () => {
  expect(readPutAside(newName('run1-7', 'data/n.md'))).toBeNull()
  expect(readPutAside('data/_tmp-lockstep-doctor-4711')).toBeNull()
})
