import { expect, test } from 'vitest'
import type { Problem } from '../engine/core/problem.ts'
import type { Status } from '../engine/status.ts'
import { exitAfterSync } from './exit-code.ts'

const STATUS: Status = { state: 'idle', pending: 0, conflicts: 0, problems: 0, lastSyncedAt: 1 }

function after(status: Partial<Status>, codes: readonly Problem['code'][] = []): number {
  const problemList = codes.map(code => ({ code, message: '' }))
  const done = { pushed: 0, pulled: 0, merged: 0, deletedLocal: 0, deletedRemote: 0, conflicts: 0 }
  const summary = { ...done, skipped: 0, problems: codes.length }
  return exitAfterSync({ ...summary, problemList, status: { ...STATUS, ...status } })
}

test.each([
  ['all is in step', {}, [], 0],
  ['a file could not be read', {}, ['permission'], 1],
  ['a disk was full', { pending: 1 }, ['disk-full'], 1],
  ['a name cannot be held here', {}, ['unsupported-name'], 0],
  ['a twin by capitals stays away', {}, ['name-collision'], 0],
  ['changes are not reported', {}, ['watch-limit'], 0],
  ['a person is needed, whatever else is wrong', { conflicts: 1 }, ['permission'], 3],
  ['something is held', { state: 'held' }, ['permission'], 3],
  ['the database is away', { state: 'offline' }, ['offline'], 1],
] as const)('R12.3 where %s', (_, status, codes, expected) => {
  expect(after(status, codes)).toBe(expected)
})
