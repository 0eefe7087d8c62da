import { expect, test } from 'vitest'
import type { ConflictReport } from '../engine/report.ts'
import { sizeOf, wholeFileReason } from './whole-file.ts'

const side = (content: string) => ({ content, lastUpdated: 1 })
const BYTES = side('data:application/octet-stream;base64,/////w==')

function conflict(parts: Partial<ConflictReport>): ConflictReport {
  return {
    path: 'data/x.json',
    channel: 'shared',
    base: null,
    local: side('1'),
    remote: side('2'),
    merged: null,
    doubts: [],
    ...parts,
  }
}

const because = (reason: string) =>
  conflict({ doubts: [{ id: 'file', kind: 'file', base: null, local: null, remote: null, reason }] })

test.each([
  [because('duplicate-key'), 'a version of it has the same key twice in one object'],
  [because('imprecise-number'), 'it holds a number that programs do not read exactly'],
  [because('unreadable-merge'), 'both changes together make a file that its programs cannot read'],
  [because('no-base'), 'there is no common version to merge from'],
  [conflict({ remote: BYTES }), 'it is not text'],
  [conflict({}), 'it is too large to be merged'],
  [conflict({ local: null }), 'one of the versions is no longer there'],
  [conflict({ merged: '1' }), null],
])('R12 why a file as a whole is in doubt: %#', (report, reason) => {
  expect(wholeFileReason(report)).toBe(reason)
})

test('a size is that of the file, not of its encoded form', () => {
  expect(sizeOf(BYTES)).toBe(4)
  expect(sizeOf(side('ä'))).toBe(2)
})
