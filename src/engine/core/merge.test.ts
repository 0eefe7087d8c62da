import { describe, expect, test } from 'vitest'
import type { MergeChoice } from './merge-result.ts'
import { mergeFile, resolveFile } from './merge.ts'

const json = { base: '{"a":1,"b":1}', local: '{"a":2,"b":1}', remote: '{"a":1,"b":2}' }

test.each(['data/x.json', 'data/X.JSON', 'a.geojson', 'a.webmanifest', 'board.canvas', 'n.ipynb'])(
  'R5 %s merges by structure',
  path => {
    expect(mergeFile({ path, ...json })).toEqual({ kind: 'merged', text: '{"a":2,"b":2}' })
  },
)

test.each(['a.md', 'a.jsonc', 'a.json5', 'a.jsonl', 'json', 'a.json.txt', 'a.json/x'])(
  'R5 %s merges by lines',
  path => {
    expect(mergeFile({ path, ...json })).toMatchObject({
      kind: 'conflict',
      conflicts: [{ kind: 'text' }],
      rest: json.local,
    })
  },
)

test('R6 resolving takes the same way', () => {
  const texts = { base: '{"a":1}', local: '{"a":2}', remote: '{"a":3}' }
  expect(resolveFile({ path: 'a.json', ...texts }, new Map([['a', 'remote']]))).toEqual({
    kind: 'merged',
    text: '{"a":3}',
  })
  expect(resolveFile({ path: 'a.md', ...texts }, new Map([['hunk 1', 'remote']]))).toEqual({
    kind: 'merged',
    text: '{"a":3}',
  })
})

describe('R5 files that programs only append to', () => {
  const base = '{"n":1}\n'

  test.each(['data/x.jsonl', 'data/x.NDJSON', 'data/x.log'])('%s has what both sides appended', path => {
    const [local, remote] = [`${base}{"n":3}\n`, `${base}{"n":2}\n{"n":1}\n`]
    const merged = { kind: 'merged', text: `${base}{"n":2}\n{"n":1}\n{"n":3}\n` }
    expect(mergeFile({ path, base, local, remote })).toEqual(merged)
    expect(mergeFile({ path, base, local: remote, remote: local })).toEqual(merged)
  })

  test('also lines like those before them, and into an empty file', () => {
    const texts = { base, local: `${base}${base}`, remote: `${base}${base}{"n":2}\n` }
    expect(mergeFile({ path: 'x.jsonl', ...texts })).toEqual({ kind: 'merged', text: texts.remote })
    expect(mergeFile({ path: 'x.log', base: '', local: 'b\n', remote: 'a\n' })).toEqual({
      kind: 'merged',
      text: 'a\nb\n',
    })
  })

  test('also where what others have appended has come to stand above', () => {
    const [base, local, remote] = ['l\nb1\n', 'l\nb1\nb2\nb3\n', 'l\na1\nb1\na2\n']
    const merged = { kind: 'merged', text: 'l\na1\nb1\na2\nb2\nb3\n' }
    expect(mergeFile({ path: 'x.jsonl', base, local, remote })).toEqual(merged)
    expect(mergeFile({ path: 'x.jsonl', base, local: remote, remote: local })).toEqual(merged)
  })

  test.each([
    ['other files', 'x.txt', 'a\n', 'a\nb\n', 'a\nc\n'],
    ['a side that also changed a line', 'x.log', 'a\n', 'A\nb\n', 'a\nc\n'],
    ['two last lines without an end', 'x.log', 'a\n', 'a\nb', 'a\nc'],
    ['a base whose last line has none', 'x.log', 'a', 'ab\n', 'ac\n'],
    ['no base', 'x.log', null, 'a\n', 'b\n'],
  ])('not %s', (_, path, base, local, remote) => {
    expect(mergeFile({ path, base, local, remote })).toMatchObject({ kind: 'conflict' })
  })

  test('a last line that is half-written stays the last', () => {
    const [local, remote] = [`${base}{"n":`, `${base}{"n":2}\n`]
    expect(mergeFile({ path: 'x.jsonl', base, local, remote })).toEqual({
      kind: 'merged',
      text: `${base}{"n":2}\n{"n":`,
    })
  })

  test.each(['x.txt', 'x.json'])('%s too where the policy says so', path => {
    const [base, local, remote] =
      path === 'x.txt' ? ['a\n', 'a\nc\n', 'a\nb\n'] : ['["a"]', '["a","c"]', '["a","b"]']
    const text = path === 'x.txt' ? 'a\nb\nc\n' : '["a","b","c"]'
    expect(mergeFile({ path, base, local, remote, policy: 'union' })).toEqual({ kind: 'merged', text })
  })
})

describe('R5 a merge by lines that makes no file of its format is a conflict', () => {
  const toml = {
    path: 'x.toml',
    base: 'a = 1\nb = 2\n',
    local: 'z = 9\na = 1\nb = 2\n',
    remote: 'a = 1\nb = 2\nz = 7\n',
  }
  const conflict = {
    kind: 'conflict',
    conflicts: [{ kind: 'file', reason: 'unreadable-merge', side: null }],
    rest: null,
  }

  test('of the whole file', () => {
    expect(mergeFile(toml)).toMatchObject(conflict)
    expect(mergeFile({ ...toml, local: toml.remote, remote: toml.local })).toMatchObject(conflict)
    expect(mergeFile({ ...toml, path: 'x.txt' })).toMatchObject({ kind: 'merged' })
  })

  test('also where something else is in doubt', () => {
    const texts = {
      base: `c = 1\n\n${toml.base}`,
      local: `c = 2\n\n${toml.local}`,
      remote: `c = 3\n\n${toml.remote}`,
    }
    expect(mergeFile({ path: 'x.toml', ...texts })).toMatchObject(conflict)
  })

  test('R6 and is resolved as one', () => {
    expect(resolveFile(toml, new Map([['file', 'remote']]))).toEqual({ kind: 'merged', text: toml.remote })
  })

  test('R6 a choice that would make one is refused', () => {
    const texts = { base: 'a = 1\nb = 2\n', local: 'a = 1\nx = 2\n', remote: 'a = 1\nx = 3\n' }
    const choose = (choice: MergeChoice) =>
      resolveFile({ path: 'x.toml', ...texts }, new Map([['hunk 1', choice]]))
    expect(choose('remote')).toEqual({ kind: 'merged', text: texts.remote })
    expect(choose('both')).toMatchObject({ kind: 'refused', id: 'hunk 1' })
  })
})
