import { expect, test } from 'vitest'
import { copyPath } from './copy-name.ts'
import { pathFault } from './path.ts'

test.each([
  ['data/notes/a.md', 'laptop', 1, 'data/notes/a (laptop, 2026-01-31).md'],
  ['data/notes/a.md', 'laptop', 2, 'data/notes/a (laptop, 2026-01-31 2).md'],
  ['a.tar.gz', 'laptop', 1, 'a.tar (laptop, 2026-01-31).gz'],
  ['data/.hidden', 'laptop', 1, 'data/.hidden (laptop, 2026-01-31)'],
  ['data/README', 'work\\pc: <1>', 1, 'data/README (work pc 1, 2026-01-31)'],
  ['a.md', '???', 1, 'a (this device, 2026-01-31).md'],
])(
  'R6 the second version of %s from %s is kept under a name that syncs',
  (path, device, number, expected) => {
    expect(copyPath(path, device, '2026-01-31', number)).toBe(expected)
    expect(pathFault(expected, 'windows')).toBeNull()
  },
)

test('R6 a name that is as long as can be is cut at a character', () => {
  const path = `data/${'ä'.repeat(126)}.md`
  const copy = copyPath(path, 'laptop', '2026-01-31')
  expect(pathFault(copy)).toBeNull()
  expect(copy).toMatch(/^data\/ä+ \(laptop, 2026-01-31\)\.md$/)
})
