import { expect, test } from 'vitest'
import { namedByAny, nameFault } from './named-paths.ts'

const PATHS = [
  'data/a.md',
  'data/notes/b.md',
  'data/notes/c.json',
  'data/[x].md',
  'data/x.md',
  'data/notes-old/d.md',
]

test.each`
  names                             | found
  ${['data/a.md']}                  | ${['data/a.md']}
  ${['data/notes']}                 | ${['data/notes/b.md', 'data/notes/c.json']}
  ${['data/notes/']}                | ${['data/notes/b.md', 'data/notes/c.json']}
  ${['data/**/*.json']}             | ${['data/notes/c.json']}
  ${['data/[x].md']}                | ${['data/[x].md']}
  ${['data/[xy].md']}               | ${['data/x.md']}
  ${['data/a.md', 'data/notes*/*']} | ${['data/a.md', 'data/notes/b.md', 'data/notes/c.json', 'data/notes-old/d.md']}
  ${['data/none.md']}               | ${[]}
`('R8.8 $names name $found', ({ names, found }) => {
  expect(PATHS.filter(namedByAny(names, PATHS))).toEqual(found)
})

test('R8.8 a name that is nobody’s is told', () => {
  expect(nameFault('data/notes', PATHS, 'nothing of it is held')).toBeNull()
  expect(nameFault('data/other.md', PATHS, 'nothing of it is held')).toBe('nothing of it is held')
  expect(nameFault('/data/a.md', PATHS, 'nothing of it is held')).not.toBeNull()
})
