import { describe, expect, test } from 'vitest'
import { nameTable } from './name-table.ts'

const of = (...patterns: readonly string[]) => {
  const find = nameTable(patterns.map(pattern => ({ pattern })))
  return (path: string): string | undefined => find(path)?.pattern
}

describe('several names in a row', () => {
  const find = of(
    '.claude/settings.json',
    '.gemini/settings.json',
    '.config/gh/hosts.yml',
    '.github/workflows/',
  )

  test.each([
    ['.claude/settings.json', '.claude/settings.json'],
    ['a/.GEMINI/Settings.json', '.gemini/settings.json'],
    ['a/b/.config/gh/hosts.yml/c', '.config/gh/hosts.yml'],
    ['.github/workflows/deep/x.yml', '.github/workflows/'],
  ])('%s is found by %s', (path, pattern) => expect(find(path)).toBe(pattern))

  test.each([
    'settings.json',
    'x.claude/settings.json',
    'gh/hosts.yml',
    '.config/x/gh/hosts.yml',
    '.github/x',
  ])('%s is not found', path => expect(find(path)).toBeUndefined())
})

test.each(['', '/', '*', '**', 'a*b*c', '*a*b', 'a/*', '*/a', 'a*/b', 'a//b', '/a'])(
  'a pattern of another form is an error and not passed over: "%s"',
  pattern => expect(() => of(pattern)).toThrow(/is no name/),
)
