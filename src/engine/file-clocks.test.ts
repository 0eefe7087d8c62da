import { expect, test } from 'vitest'
import { FileClocks } from './file-clocks.ts'
import type { FileStat } from './ports/file-system.ts'

/** A whole second. In milliseconds since the epoch. */
const NOW = 1_700_000_000_000

const written = (ctimeMs: number, mtimeMs: number, dev = 1): FileStat => ({
  kind: 'file',
  size: 1,
  ino: 1,
  mode: 0o644,
  birthtimeMs: 0,
  mtimeMs,
  ctimeMs,
  dev,
})

test.each`
  ctime             | mtime          | clock             | seen     | what
  ${NOW - 3.5}      | ${NOW - 0.25}  | ${NOW}            | ${true}  | ${'ours, looked at a moment later'}
  ${NOW - 10_000.5} | ${NOW - 0.25}  | ${NOW - 10_000.5} | ${true}  | ${'of a server that is behind'}
  ${NOW + 10_000.5} | ${NOW - 0.25}  | ${NOW + 10_000.5} | ${true}  | ${'of a server that is ahead'}
  ${NOW - 9_000}    | ${NOW - 1_000} | ${NOW - 9_000}    | ${true}  | ${'of a server that is behind, in whole seconds'}
  ${NOW - 1_000}    | ${NOW - 1_000} | ${NOW}            | ${false} | ${'of no telling: both times may be the one that was set'}
  ${0}              | ${NOW - 0.25}  | ${NOW}            | ${false} | ${'of none: there is no time of change'}
`('R9.1 a file system has the clock $what', ({ ctime, mtime, clock, seen }) => {
  const clocks = new FileClocks()
  clocks.note(written(ctime, mtime), NOW)
  expect(clocks.at(1, NOW)).toEqual({ clockMs: clock, isSeen: seen })
  expect(clocks.at(2, NOW), 'another file system').toEqual({ clockMs: NOW, isSeen: false })
})
