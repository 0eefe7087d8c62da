import { expect, test } from 'vitest'
import type { FilesBreak } from './breaks.ts'
import type { BaseEntry } from './entry.ts'
import { waitsForHandover } from './private-elsewhere.ts'

function baseOf(doubt: FilesBreak | 'agreed' | null): BaseEntry | null {
  if (doubt === null) return null
  const entry = { digest: 'A', size: 1, etag: '1', version: 1, fingerprint: null }
  return doubt === 'agreed' ? entry : { ...entry, doubt }
}

/** What waits, of all that may be done. */
const ALL = [
  'none',
  'forget',
  'adopt',
  'compare',
  'push',
  'conflict',
  'pull',
  'delete-local',
  'delete-remote',
] as const

test.each`
  channel      | base             | isHere   | waits
  ${'private'} | ${null}          | ${true}  | ${['push', 'conflict']}
  ${'private'} | ${'elsewhere'}   | ${true}  | ${['push', 'conflict']}
  ${'private'} | ${'unwatched'}   | ${true}  | ${['push', 'conflict']}
  ${'private'} | ${'handed-over'} | ${true}  | ${['push', 'conflict']}
  ${'private'} | ${'agreed'}      | ${true}  | ${[]}
  ${'private'} | ${'not-flushed'} | ${true}  | ${[]}
  ${'private'} | ${null}          | ${false} | ${[]}
  ${'shared'}  | ${null}          | ${true}  | ${['push', 'conflict', 'pull', 'delete-local']}
  ${'shared'}  | ${'agreed'}      | ${true}  | ${['push', 'conflict', 'pull', 'delete-local']}
  ${'shared'}  | ${'unwatched'}   | ${true}  | ${['push', 'conflict', 'pull', 'delete-local']}
  ${'shared'}  | ${'agreed'}      | ${false} | ${[]}
`('R15 $channel, base $base, here $isHere: $waits wait', ({ channel, base, isHere, waits }) => {
  const file = { channel, base: baseOf(base), isHere }
  expect(ALL.filter(kind => waitsForHandover(file, kind))).toEqual(waits)
})
