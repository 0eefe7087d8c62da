import { describe, expect, test } from 'vitest'
import {
  bytes,
  columns,
  counted,
  displayWidth,
  duration,
  fit,
  nextTry,
  printable,
  quoted,
  timeOf,
} from './text.ts'
import { toProjectPath } from './project-path.ts'

describe('words and numbers', () => {
  test.each([
    [1, '1 file'],
    [0, '0 files'],
    [2000, '2,000 files'],
  ])('%i', (n, words) => {
    expect(counted(n, 'file')).toBe(words)
  })

  test.each([
    [900, '900 B'],
    [1536, '1.5 KB'],
    [20 * 1024, '20 KB'],
    [3 * 2 ** 30, '3.0 GB'],
  ])('%i bytes', (n, words) => {
    expect(bytes(n)).toBe(words)
  })

  test.each([
    [400, '0 s'],
    [59_000, '59 s'],
    [125_000, '2 min'],
    [3_720_000, '1 h 2 min'],
    [49 * 3_600_000, '2 days'],
  ])('%i ms', (ms, words) => {
    expect(duration(ms)).toBe(words)
  })

  test('a time of today has no date', () => {
    const now = new Date(2026, 4, 3, 12, 0, 0).getTime()
    expect(timeOf(new Date(2026, 4, 3, 9, 5, 7).getTime(), now)).toBe('09:05:07')
    expect(timeOf(new Date(2026, 4, 2, 9, 5, 7).getTime(), now)).toBe('2026-05-02 09:05:07')
  })
})

describe('terminal safety', () => {
  test('R11 a hostile name cannot move the cursor or change the title', () => {
    const shown = printable('data/\u001b]0;pwned\u0007\u001b[2J\r\u009b31m\u202etxt.md')
    // oxlint-disable-next-line no-control-regex -- it must have none
    expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    expect(shown).toContain(String.raw`\x1b]0;pwned\x07`)
    expect(printable('größe, 日本')).toBe('größe, 日本')
  })

  test('R12.5 a name cannot pose as a line of its own', () => {
    expect(printable('a\n  state  in step\r\u2028.md')).toBe(String.raw`a\x0a  state  in step\x0d\u2028.md`)
  })

  test.each([
    ['data/a.md', 'data/a.md'],
    ['my notes', "'my notes'"],
    ["it's", `'it'\\''s'`],
    ['$(rm -rf .)', "'$(rm -rf .)'"],
    ['', "''"],
    ['a\u001b[8mb', String.raw`'a\x1b[8mb'`],
  ])('%s is quoted for a shell', (argument, shown) => {
    expect(quoted(argument)).toBe(shown)
  })
})

describe('columns', () => {
  test('align by what a terminal shows', () => {
    expect(
      columns([
        ['日本', 'x'],
        ['ab', 'longer'],
        ['e\u0301', ''],
      ]),
    ).toEqual(['日本  x', 'ab    longer', 'e\u0301'])
    expect(displayWidth('日本😀')).toBe(6)
  })

  test.each([
    ['data/notes/a.md', 20, 'data/notes/a.md'],
    ['data/notes/a.md', 9, 'data…a.md'],
    ['日本日本日本', 7, '日…日本'],
    ['abc', 1, ''],
  ])('%s in %i cells', (text, width, shown) => {
    expect(fit(text, width)).toBe(shown)
    expect(displayWidth(fit(text, width))).toBeLessThanOrEqual(width)
  })
})

test('a next try that has passed is the next sync’s', () => {
  const now = new Date(2026, 5, 1, 12, 0, 0).getTime()
  expect(nextTry(0, now)).toBe('at the next sync')
  expect(nextTry(now, now)).toBe('at the next sync')
  expect(nextTry(now + 61_000, now)).toBe('12:01:01')
})

describe('paths as a person types them', () => {
  test.each([
    ['data/a.md', 'data/a.md'],
    ['./data/a.md', 'data/a.md'],
    ['/home/ann/bot/data/a.md', 'data/a.md'],
    ['../x', '../x'],
  ])('%s', (named, path) => {
    expect(toProjectPath('/home/ann/bot', named, '/home/ann')).toBe(path)
  })
})
