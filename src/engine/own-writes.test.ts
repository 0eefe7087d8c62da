import { expect, test } from 'vitest'
import { MASS_DELETE_WINDOW_MS } from './core/guard.ts'
import { OwnWrites } from './own-writes.ts'

const tree = (...paths: string[]) => new Map(paths.map(path => [path, null]))
const NOW = 1_000_000
const none = (): boolean => false

test('R8 a file that sync has just put into an emptied side does not make it less empty', () => {
  const writes = new OwnWrites()
  writes.note('new', NOW)
  expect(writes.hasOthers(tree('new'), tree('a', 'b', 'c', 'new'), NOW + 1, none)).toBe(false)
})

test('R8 a file that a person has put there does: a folder was renamed, not emptied', () => {
  expect(new OwnWrites().hasOthers(tree('renamed/a'), tree('a', 'b'), NOW, none)).toBe(true)
})

test('R8 after a first sync, when sync has put everything there, what is left counts', () => {
  const writes = new OwnWrites()
  for (const path of ['a', 'b', 'c']) writes.note(path, NOW)
  expect(writes.hasOthers(tree('a', 'b'), tree('a', 'b', 'c'), NOW + 1, none)).toBe(true)
  expect(writes.hasOthers(tree(), tree('a', 'b', 'c'), NOW + 1, none)).toBe(false)
})

test('R8 after the window, what sync has put there is a file like any other', () => {
  const writes = new OwnWrites()
  writes.note('new', NOW)
  const later = NOW + MASS_DELETE_WINDOW_MS + 1
  expect(writes.hasOthers(tree('new'), tree('a', 'b', 'new'), later, none)).toBe(true)
})

test('R8.6 files that come and go say nothing of a side', () => {
  const isExpected = (path: string): boolean => path.startsWith('queue/')
  const base = tree('a', 'b', 'queue/1')
  expect(new OwnWrites().hasOthers(tree('queue/1'), base, NOW, isExpected)).toBe(false)
  expect(new OwnWrites().hasOthers(tree('queue/1', 'a'), base, NOW, isExpected)).toBe(true)
})
