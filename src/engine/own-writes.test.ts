import { expect, test } from 'vitest'
import { MASS_DELETE_WINDOW_MS } from './core/guard.ts'
import { OwnWrites } from './own-writes.ts'

const tree = (...paths: string[]) => new Map(paths.map(path => [path, null]))
const NOW = 1_000_000

test('R8 a file that sync has just put into an emptied side does not make it less empty', () => {
  const writes = new OwnWrites()
  writes.note('new', NOW)
  expect(writes.countOthers(tree('new'), tree('a', 'b', 'c', 'new'), NOW + 1)).toBe(0)
})

test('R8 a file that a person has put there does: a folder was renamed, not emptied', () => {
  expect(new OwnWrites().countOthers(tree('renamed/a'), tree('a', 'b'), NOW)).toBe(1)
})

test('R8 after a first sync, when sync has put everything there, what is left counts', () => {
  const writes = new OwnWrites()
  for (const path of ['a', 'b', 'c']) writes.note(path, NOW)
  expect(writes.countOthers(tree('a', 'b'), tree('a', 'b', 'c'), NOW + 1)).toBe(2)
  expect(writes.countOthers(tree(), tree('a', 'b', 'c'), NOW + 1)).toBe(0)
})

test('R8 after the window, what sync has put there is a file like any other', () => {
  const writes = new OwnWrites()
  writes.note('new', NOW)
  const later = NOW + MASS_DELETE_WINDOW_MS + 1
  expect(writes.countOthers(tree('new'), tree('a', 'b', 'new'), later)).toBe(1)
})
