import { expect, test } from 'vitest'
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
