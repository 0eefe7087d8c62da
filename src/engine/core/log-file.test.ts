import { expect, test } from 'vitest'
import { appendedTo, isLogFile } from './log-file.ts'

test.each([
  ['a.log', true],
  ['a.JSONL', true],
  ['a.ndjson', true],
  ['a.log.md', false],
])('R5 whether %s is a log: %s', (path, is) => {
  expect(isLogFile(path)).toBe(is)
})

test.each([
  ['l1\na1\n', 'l1\n', 'l1\nb1\n', 'l1\na1\nb1\n'],
  ['l1\na1\nb1\n', 'l1\nb1\n', 'l1\nb1\nb2\nb3\n', 'l1\na1\nb1\nb2\nb3\n'],
  ['', '', 'b1\n', 'b1\n'],
  ['a1\n', 'l1\n', 'l1\n{"b"', 'unfinished'],
  ['a1\n{"b', 'l1\n{"b', 'l1\n{"b1"}\n', 'a1\n{"b1"}\n'],
  ['a1', 'l1\n', 'l1\nb1\n', null],
  ['a1\n', 'l1', 'l1b1\n', null],
  ['a1\n', 'l1\nl2\n', 'l1\nb1\n', null],
])('R5.5 R9.3 behind %j what was appended to %j as %j: %j', (current, former, edited, expected) => {
  const appended = appendedTo(current, { former, edited })
  expect(typeof appended === 'object' ? (appended?.text ?? null) : appended).toBe(expected)
})
