import { describe, expect, test } from 'vitest'
import { isUnreadable } from './format-readers.ts'

const unreadable = (
  path: string,
  local: string,
  remote: string,
  merged: string,
  base: string | null = null,
): boolean => isUnreadable({ path, base, local, remote, merged })

describe('R5 readers refuse a merge by lines', () => {
  test.each([
    ['a.toml', 'z = 9\na = 1\n', 'a = 1\nz = 7\n', 'z = 9\na = 1\nz = 7\n'],
    ['a.toml', '[t]\na = 1\n', '[x]\n[t]\n', '[t]\n[x]\n[t]\na = 1\n'],
    ['a.yaml', 'z: 9\na: 1\n', 'a: 1\nz: 7\n', 'z: 9\na: 1\nz: 7\n'],
    ['a.YML', 'o:\n  x: 1\n  a: 1\n', 'o:\n  a: 1\n  x: 2\n', 'o:\n  x: 1\n  a: 1\n  x: 2\n'],
    ['a.yaml', '- o: {x: 1}\n', '- o: {y: 1}\n', '- o: {x: 1, y: 1, x: 2}\n'],
    ['a.yaml', 'a: [1,\n  2]\n', 'a: []\n', 'a: [1,\n'],
    ['a.yaml', 'a: &x 1\nb: *x\n', 'a: 1\n', 'a: 1\nb: *x\n'],
    ['a.yaml', 'a: 1\nb: 2\n', 'a: 1\n  c\n', 'a: 1\n  c: 2\n b: 2\n'],
    ['a.jsonl', '{"a":1}\n', '{"b":1}\n', '{"a":1}{"b":1}\n'],
    ['a.jsonc', '{\n"a": 1 // one\n}', '{\n"b": 1\n}', '{\n"a": 1 // one\n"b": 1\n}'],
    ['a.jsonc', '{"o": [{"a": 1}]}', '{"o": [{"b": 1}]}', '{"o": [{"a": 1, "b": 1, "a": 2}]}'],
    ['a.json5', '{\n"z": 1,\n"a": 1\n}', '{\n"a": 1,\n"z": 2\n}', '{\n"z": 1,\n"a": 1,\n"z": 2\n}'],
    ['a.code-workspace', '{\n"a": 1\n}', '{\n"b": 1\n}', '{\n"a": 1\n"b": 1\n}'],
    ['a.mdc', '---\nz: 9\n---\n', '---\nz: 7\n---\n', '---\nz: 9\nz: 7\n---\n'],
    ['a.md', '---\nz: 9\na: 1\n---\n# T\n', '---\na: 1\nz: 7\n---\n', '---\nz: 9\na: 1\nz: 7\n---\n# T\n'],
    ['a.md', '+++\nz = 9\na = 1\n+++\n', '+++\na = 1\nz = 7\n+++\n', '+++\nz = 9\na = 1\nz = 7\n+++\n'],
  ])('%s %j %j', (path, local, remote, merged) => {
    expect(unreadable(path, local, remote, merged)).toBe(true)
    expect(unreadable(path, remote, local, merged)).toBe(true)
  })

  test('a key twice that one side has ended, and that comes back elsewhere', () => {
    const [base, ended] = ['- a: 1\n- x: 1\n  x: 2\n', '- x: 1\n  a: 1\n- x: 1\n']
    const [added, merged] = ['- a: 1\n  x: 4\n- x: 1\n  x: 2\n', '- x: 1\n  a: 1\n  x: 4\n- x: 1\n']
    expect(unreadable('a.yaml', ended, added, merged, base)).toBe(true)
    expect(unreadable('a.yaml', added, ended, merged, base)).toBe(true)
  })

  test.each([
    ['what they read', 'a.yaml', 'a: 1 # c\n---\nb: 1\n', 'a: 2\n', 'a: 2 # c\n---\nb: 1\n'],
    ['the same key in other places', 'a.yaml', 'a: {x: 1}\n', 'b: {x: 1}\n', 'a: {x: 1}\nb: {x: 1}\n'],
    ['a key of two documents', 'a.yaml', 'a: 1\n', 'a: 2\n', 'a: 1\n---\na: 2\n'],
    ['a tag they do not know', 'a.yaml', 'a: !Ref x\n', 'b: !Sub y\n', 'a: !Ref x\nb: !Sub y\n'],
    ['a key twice that a side had twice', 'a.yaml', 'a: 1\na: 2\n', 'b: 1\n', 'a: 1\na: 2\nb: 1\n'],
    [
      'a merge of a template',
      'a.yaml',
      'a: {{ .x }}\n{{- if .y }}\n',
      'b: 1\n',
      'a: {{ .x }}\n{{- if .y }}\nb: 1\n',
    ],
    ['a merge of a file with conflict marks', 'a.toml', '<<<<<<<\n', 'a = 1\n', '<<<<<<<\na = 1\n'],
    ['64 bits', 'a.toml', 'a = 9007199254740993\n', 'b = 1\n', 'a = 9007199254740993\nb = 1\n'],
    ['a half-written line of a side', 'a.jsonl', '{"a":1}\n{"b"', '{"c":1}\n', '{"a":1}\n{"c":1}\n{"b"'],
    ['commas at the end', 'a.jsonc', '{"a": 1,}', '{"b": 1,}', '{"a": 1, "b": 1,}'],
    ['Markdown without front matter', 'a.md', '# a\n---\nb: {\n', '# b\n', '# a\n---\nb: {\n# b\n'],
    [
      'what lies behind the front matter',
      'a.md',
      '---\na: 1\n---\nb: {\n',
      '---\na: 1\n---\n',
      '---\na: 1\n---\nb: {\nb\n',
    ],
    ['a format without a reader here', 'a.ini', 'a=1\n', 'a=2\n', 'a=1\na=2\n'],
  ])('but not %s', (_, path, local, remote, merged) => {
    expect(unreadable(path, local, remote, merged)).toBe(false)
    expect(unreadable(path, remote, local, merged)).toBe(false)
  })
})
