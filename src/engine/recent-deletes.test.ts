import { expect, test } from 'vitest'
import { MASS_DELETE_WINDOW_MS } from './core/guard.ts'
import { RecentDeletes } from './recent-deletes.ts'

const NOW = 1_000_000
const never = (): boolean => false
const deleted = (path: string, at = NOW) => ({ path, digest: path, version: 1, at })
const paths = (recent: RecentDeletes, now: number, isBack: (path: string) => boolean = never): string[] =>
  recent.counted(now, isBack).map(({ path }) => path)

test('R8.2 a path that is deleted twice counts once, from the last time on', () => {
  const recent = new RecentDeletes([deleted('a'), deleted('b')])
  recent.note(deleted('a', NOW + 30_000))
  expect(paths(recent, NOW + 30_000)).toEqual(['a', 'b'])
  expect(paths(recent, NOW + MASS_DELETE_WINDOW_MS + 1)).toEqual(['a'])
})

test('R8.2 a file that is back counts no longer, and is forgotten with those of long ago', () => {
  const recent = new RecentDeletes([
    deleted('back'),
    deleted('old', NOW - MASS_DELETE_WINDOW_MS),
    deleted('gone'),
  ])
  const isBack = (path: string): boolean => path === 'back'
  expect(paths(recent, NOW, isBack)).toEqual(['gone'])
  expect(recent.forget(NOW, isBack)).toEqual(['back', 'old'])
  expect(paths(recent, NOW)).toEqual(['gone'])
})

test('R8.2 after the clock was set back nothing counts that it has not come to yet', () => {
  expect(paths(new RecentDeletes([deleted('a')]), NOW - 1)).toEqual([])
})
