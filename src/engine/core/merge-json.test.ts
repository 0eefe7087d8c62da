import { describe, expect, test } from 'vitest'
import { countWork } from '../../../test/support/work.ts'
import { mergeJson, resolveJson } from './merge-json.ts'
import type { MergeChoice, MergeResult } from './merge-result.ts'

const merge = (base: string | null, local: string, remote: string): MergeResult =>
  mergeJson({ base, local, remote })
const merged = (text: string): MergeResult => ({ kind: 'merged', text })

function idsOf(result: MergeResult): string[] {
  return result.kind === 'conflict' ? result.conflicts.map(({ id }) => id) : []
}

describe('R5 JSON merges by structure', () => {
  test.each([
    [
      'different keys on adjacent lines',
      '{\n  "a": 1,\n  "b": 2\n}\n',
      '{\n  "a": 9,\n  "b": 2\n}\n',
      '{\n  "a": 1,\n  "b": 8\n}\n',
      '{\n  "a": 9,\n  "b": 8\n}\n',
    ],
    ['different keys of one line', '{"a":1,"b":2}', '{"a":9,"b":2}', '{"a":1,"b":8}', '{"a":9,"b":8}'],
    ['keys added on both sides', '{"a":1}', '{"a":1,"b":2}', '{"c":3,"a":1}', '{"c":3,"a":1,"b":2}'],
    [
      'a key beside its neighbour',
      '{"a":1,"z":1}',
      '{"a":2,"z":1}',
      '{"a":1,"m":0,"z":1}',
      '{"a":2,"m":0,"z":1}',
    ],
    [
      'a key removed and one changed',
      '{"a":1,"b":2,"c":3}',
      '{"a":1,"c":3}',
      '{"a":1,"b":2,"c":4}',
      '{"a":1,"c":4}',
    ],
    [
      'the first and the last key removed',
      '{ "a": 1, "b": 2, "c": 3 }',
      '{ "b": 2, "c": 3 }',
      '{ "a": 1, "b": 2 }',
      '{ "b": 2 }',
    ],
    ['all keys removed, by both together', '{"a":1,"b":2}', '{"a":1}', '{"b":2}', '{}'],
    [
      'an empty object filled',
      '{\n\t"a": {},\n\t"b": 1\n}',
      '{\n\t"a": {},\n\t"b": 2\n}',
      '{\n\t"a": {\n\t\t"x": 1\n\t},\n\t"b": 1\n}',
      '{\n\t"a": {\n\t\t"x": 1\n\t},\n\t"b": 2\n}',
    ],
    ['one object added on both sides', '{}', '{"o":{"a":1}}', '{"o":{"b":2}}', '{"o":{"a":1,"b":2}}'],
    ['the same change twice', '{"a":1,"b":1}', '{"a":2,"b":1}', '{"a":2,"b":2}', '{"a":2,"b":2}'],
    [
      'the same value in other spellings',
      '{"a":"x","b":1}',
      '{"a":"\\u00fc","b":100}',
      '{"a":"ü","b":1e2,"c":0}',
      '{"a":"\\u00fc","b":100,"c":0}',
    ],
    [
      '__proto__ as a key',
      '{"__proto__":{"a":1},"b":1}',
      '{"__proto__":{"a":2},"b":1}',
      '{"__proto__":{"a":1,"c":3},"b":1}',
      '{"__proto__":{"a":2,"c":3},"b":1}',
    ],
    [
      'an array as one value',
      '{"a":[1,2],"b":1}',
      '{"a":[1,2],"b":2}',
      '{"a":[2,3],"b":1}',
      '{"a":[2,3],"b":2}',
    ],
  ])('%s', (_, base, local, remote, result) => {
    expect(merge(base, local, remote)).toEqual(merged(result))
  })

  test.each([
    [
      'CRLF, a byte order mark and tabs stay',
      '\ufeff{\r\n\t"a": 1,\r\n\t"b": 1\r\n}\r\n',
      '\ufeff{\r\n\t"a": 2,\r\n\t"b": 1\r\n}\r\n',
      '\ufeff{\r\n\t"a": 1,\r\n\t"b": 1,\r\n\t"c": [\r\n\t\t1\r\n\t]\r\n}\r\n',
      '\ufeff{\r\n\t"a": 2,\r\n\t"b": 1,\r\n\t"c": [\r\n\t\t1\r\n\t]\r\n}\r\n',
    ],
    [
      'a final newline added on one side',
      '{"a":1,"b":1}',
      '{"a":1,"b":1}\n',
      '{"a":1,"b":2}',
      '{"a":1,"b":2}\n',
    ],
    [
      'remote laid out anew, local changed',
      '{"a":1,"b":{"c":1}}',
      '{"a":2,"b":{"c":1}}',
      '{\n  "a": 1,\n  "b": { "c": 1 }\n}\n',
      '{\n  "a": 2,\n  "b": { "c": 1 }\n}\n',
    ],
    [
      'local laid out anew, remote changed',
      '{"a":1,"b":{"c":1}}',
      '{\n  "a": 1,\n  "b": { "c": 1 }\n}\n',
      '{"a":1,"b":{"c":2},"d":{"e":[1]}}',
      '{\n  "a": 1,\n  "b": { "c": 2 },\n  "d": {\n    "e": [\n      1\n    ]\n  }\n}\n',
    ],
    [
      'odd white space around what did not change',
      '{"a" :1 ,\n\n "b":[1,2 ] , "c":3 }',
      '{"a" :1 ,\n\n "b":[1,2 ] , "c":4 }',
      '{"a" :5 ,\n\n "b":[1,2 ] , "c":3 }',
      '{"a" :5 ,\n\n "b":[1,2 ] , "c":4 }',
    ],
    [
      'a subtree keeps its own layout',
      '{\n  "m": [[1, 0],\n        [0, 1]],\n  "n": 1\n}',
      '{\n  "m": [[1, 0],\n        [0, 1]],\n  "n": 2\n}',
      '{\n  "m": [[1, 0],\n        [0, 7]],\n  "n": 1\n}',
      '{\n  "m": [[1, 0],\n        [0, 7]],\n  "n": 2\n}',
    ],
  ])('layout: %s', (_, base, local, remote, result) => {
    expect(merge(base, local, remote)).toEqual(merged(result))
  })
})

describe('R5 arrays of elements with identities', () => {
  test.each([
    [
      'fields of different elements',
      '[{"id":1,"a":1},{"id":2,"a":1}]',
      '[{"id":1,"a":2},{"id":2,"a":1}]',
      '[{"id":1,"a":1},{"id":2,"a":3}]',
      '[{"id":1,"a":2},{"id":2,"a":3}]',
    ],
    [
      'different fields of one element',
      '[{"key":"k","a":1,"b":1}]',
      '[{"key":"k","a":2,"b":1}]',
      '[{"key":"k","a":1,"b":3}]',
      '[{"key":"k","a":2,"b":3}]',
    ],
    [
      'appended on both sides: by identity',
      '[{"id":1}]',
      '[{"id":1},{"id":9}]',
      '[{"id":1},{"id":5}]',
      '[{"id":1},{"id":5},{"id":9}]',
    ],
    [
      'removed here, changed there',
      '[{"id":1},{"id":2,"a":1}]',
      '[{"id":2,"a":1}]',
      '[{"id":1},{"id":2,"a":2}]',
      '[{"id":2,"a":2}]',
    ],
    [
      'moved on one side, changed on the other',
      '[{"name":"a"},{"name":"b","x":1}]',
      '[{"name":"a"},{"name":"b","x":2}]',
      '[{"name":"b","x":1},{"name":"a"}]',
      '[{"name":"b","x":2},{"name":"a"}]',
    ],
    [
      'added between what is there',
      '[{"id":1},{"id":2}]',
      '[{"id":1},{"id":7},{"id":2}]',
      '[{"id":1},{"id":2},{"id":3}]',
      '[{"id":1},{"id":7},{"id":2},{"id":3}]',
    ],
    [
      'an empty array filled on both sides',
      '{"l":[]}',
      '{"l":[{"id":"b"}]}',
      '{"l":[{"id":"a"}]}',
      '{"l":[{"id":"a"},{"id":"b"}]}',
    ],
    [
      'one element added on both sides',
      '[{"id":1}]',
      '[{"id":1},{"id":2,"a":1,"b":1},{"id":3}]',
      '[{"id":1},{"id":2,"b":1,"a":1},{"id":4}]',
      '[{"id":1},{"id":2,"a":1,"b":1},{"id":3},{"id":4}]',
    ],
  ])('%s', (_, base, local, remote, result) => {
    expect(merge(base, local, remote)).toEqual(merged(result))
  })

  test.each([
    [
      'moved differently',
      '[{"id":1},{"id":2},{"id":3}]',
      '[{"id":2},{"id":1},{"id":3}]',
      '[{"id":1},{"id":3},{"id":2}]',
      ['$'],
      'order',
    ],
    [
      'an identity twice',
      '[{"id":1},{"id":1}]',
      '[{"id":1},{"id":1},{"id":2}]',
      '[{"id":1},{"id":1},{"id":3}]',
      ['$'],
      'values',
    ],
    ['an element without one', '[{"id":1},4]', '[{"id":1},4,5]', '[{"id":1},4,6]', ['$'], 'values'],
    [
      'an identity that is an object',
      '[{"id":{}}]',
      '[{"id":{}},{"id":1}]',
      '[{"id":{}},{"id":2}]',
      ['$'],
      'values',
    ],
    [
      'two elements added with one identity',
      '[{"id":1}]',
      '[{"id":1},{"id":2,"title":"milk"}]',
      '[{"id":1},{"id":2,"due":"mon"}]',
      ['[id=2]'],
      'values',
    ],
    [
      'one field, of one element',
      '{"s":[{"id":3,"port":1}]}',
      '{"s":[{"id":3,"port":2}]}',
      '{"s":[{"id":3,"port":3}]}',
      ['s[id=3].port'],
      'values',
    ],
    [
      'an element removed here, changed there',
      '[{"id":"x","a":1}]',
      '[]',
      '[{"id":"x","a":2}]',
      ['[id="x"]'],
      'values',
    ],
  ])('conflict: %s', (_, base, local, remote, ids, about) => {
    const result = merge(base, local, remote)
    expect(idsOf(result)).toEqual(ids)
    expect(result).toMatchObject({ kind: 'conflict', conflicts: [{ about }], rest: local })
  })
})

describe('R5 arrays without identities merge as sequences', () => {
  test.each([
    ['added before and behind', '[1,2]', '[0,1,2]', '[1,2,3]', '[0,1,2,3]'],
    ['different elements replaced', '["a","b","c"]', '["x","b","c"]', '["a","b","y"]', '["x","b","y"]'],
    ['removed and added, one between', '["a","b","c"]', '["b","c"]', '["a","b","c","d"]', '["b","c","d"]'],
    [
      'the same added by both',
      '{"l":["a"],"b":1}',
      '{"l":["a","x"],"b":1}',
      '{"l":["a","x"],"b":2}',
      '{"l":["a","x"],"b":2}',
    ],
    [
      'the same added by both, and more',
      '["a","b"]',
      '["a","b","x"]',
      '["y","a","b","x"]',
      '["y","a","b","x"]',
    ],
    ['one of equal numbers added', '[1,2]', '[1,2,2]', '[0,1,2]', '[0,1,2,2]'],
    [
      'rows of a matrix',
      '[[1,0],[5,5],[0,1]]',
      '[[2,0],[5,5],[0,1]]',
      '[[1,0],[5,5],[0,3]]',
      '[[2,0],[5,5],[0,3]]',
    ],
    [
      'elements keep their bytes and the layout of their array',
      '[\n  {"a": 1},\n  {"b" : 2},\n  {"c": 3}\n]\n',
      '[\n  {"a": 1},\n  {"b" : 2},\n  {"c": 3},\n  { "d": 4 }\n]\n',
      '[\n  {"a": 0},\n  {"b" : 2},\n  {"c": 3}\n]\n',
      '[\n  {"a": 0},\n  {"b" : 2},\n  {"c": 3},\n  { "d": 4 }\n]\n',
    ],
    [
      'objects of which one has no identity',
      '[{"id":1},{"x":1},{"id":3}]',
      '[{"id":0},{"id":1},{"x":1},{"id":3}]',
      '[{"id":1},{"x":1},{"id":4}]',
      '[{"id":0},{"id":1},{"x":1},{"id":4}]',
    ],
  ])('%s', (_, base, local, remote, result) => {
    expect(merge(base, local, remote)).toEqual(merged(result))
    expect(merge(base, remote, local)).toMatchObject({ kind: 'merged' })
  })

  test.each([
    ['both add in one place', '["a"]', '["a","b"]', '["a","c"]'],
    ['both filled what was empty', '[]', '[1]', '[2]'],
    ['neighbours replaced', '["a","b"]', '["x","b"]', '["a","y"]'],
    ['one value added in two places', '["a"]', '["b","a"]', '["a","b"]'],
    ['different ones of equal elements removed', '["a","b","a"]', '["b","a"]', '["a","b"]'],
    [
      'an element added beside one that is equal to a removed one',
      '["a","b","c","a"]',
      '["b","c","a"]',
      '["a","b","c","a","d"]',
    ],
    ['moved here, removed there', '["a","b","c"]', '["b","c","a"]', '["b","c"]'],
    ['numbers of a colour', '[255,128,0]', '[250,128,0]', '[255,128,9]'],
    ['a number removed, another added', '[1,2,3]', '[2,3]', '[1,2,3,4]'],
    ['one element changed inside by both', '[{"a":1,"b":1}]', '[{"a":2,"b":1}]', '[{"a":1,"b":2}]'],
  ])('conflict: %s', (_, base, local, remote) => {
    expect(merge(base, local, remote)).toMatchObject({
      conflicts: [{ id: '$', about: 'values' }],
      rest: local,
    })
    expect(merge(base, remote, local)).toMatchObject({
      conflicts: [{ id: '$', about: 'values' }],
      rest: remote,
    })
  })
})

describe('R5 a union of arrays of plain values', () => {
  const union = (base: string, local: string, remote: string): MergeResult =>
    mergeJson({ base, local, remote }, { isUnion: true })

  test.each([
    ['both add in one place', '["a"]', '["a","c"]', '["a","b"]', '["a","b","c"]'],
    ['numbers by their size', '[1]', '[1,10]', '[1,9]', '[1,9,10]'],
    ['one value added in two places', '["a"]', '["b","a"]', '["a","b"]', '["b","a"]'],
    ['both filled what was not there', '{}', '{"t":["a"]}', '{"t":["b"]}', '{"t":["a","b"]}'],
    ['removed here, added there', '{"t":["a"]}', '{"t":[]}', '{"t":["a","b"]}', '{"t":["b"]}'],
  ])('%s', (_, base, local, remote, result) => {
    expect(union(base, local, remote)).toEqual(merged(result))
    expect(union(base, remote, local)).toEqual(merged(result))
  })

  test.each([
    ['numbers of a colour', '[255,0]', '[250,0]', '[255,9]', ['$']],
    ['objects', '[{"a":1}]', '[{"a":1},{"b":1}]', '[{"a":1},{"c":1}]', ['$']],
    ['one value', '{"t":["a"],"n":1}', '{"t":["a","b"],"n":2}', '{"t":["a","c"],"n":3}', ['n']],
  ])('conflict: %s', (_, base, local, remote, ids) => {
    expect(idsOf(union(base, local, remote))).toEqual(ids)
  })
})

describe('R5 what a merge by values would lose is left as it is', () => {
  test.each([
    [
      'a key twice',
      '{"a":1,"a":2,"b":1,"c":1}',
      '{"a":1,"a":2,"b":2,"c":1}',
      '{"a":1,"a":2,"b":1,"c":2}',
      '{"a":1,"a":2,"b":2,"c":2}',
    ],
    [
      'a key twice, spelled otherwise',
      '{"a":1,"\\u0061":2,"b":1}',
      '{"a":1,"\\u0061":2,"b":2}',
      '{"c":1,"a":1,"\\u0061":2,"b":1}',
      '{"c":1,"a":1,"\\u0061":2,"b":2}',
    ],
    [
      'a key twice, deep inside',
      '{"o":[{"x":1,"x":2}],"l":["a","b"]}',
      '{"o":[{"x":1,"x":2},3],"l":["a","b"]}',
      '{"o":[{"x":1,"x":2}],"l":["a","b","c"]}',
      '{"o":[{"x":1,"x":2},3],"l":["a","b","c"]}',
    ],
    [
      'a key that looks like our name for a second one',
      '{"a":1,"a":2,"\\u00001:a":0}',
      '{"a":1,"a":2,"\\u00001:a":5}',
      '{"a":1,"a":2,"\\u00001:a":0,"b":1}',
      '{"a":1,"a":2,"\\u00001:a":5,"b":1}',
    ],
    [
      'a number beside one that a double takes for the same',
      '{"x":9007199254740993,"y":1}',
      '{"x":9007199254740992,"y":1,"z":9007199254740993}',
      '{"x":9007199254740993,"y":2}',
      '{"x":9007199254740992,"y":2,"z":9007199254740993}',
    ],
    [
      'a large integer',
      '{"id":12345678901234567890,"a":1,"b":1}',
      '{"id":12345678901234567890,"a":2,"b":1}',
      '{"id":12345678901234567890,"a":1,"b":2}',
      '{"id":12345678901234567890,"a":2,"b":2}',
    ],
  ])('%s', (_, base, local, remote, result) => {
    expect(merge(base, local, remote)).toEqual(merged(result))
  })

  test.each([
    [
      'a key twice of which one was removed',
      '{"a":1,"a":2,"b":1}',
      '{"a":2,"b":1}',
      '{"a":1,"a":2,"b":2}',
      'duplicate-key',
      'base',
    ],
    [
      'a key twice of which one was changed',
      '{"a":1,"a":2,"b":1}',
      '{"a":1,"a":3,"b":1}',
      '{"a":1,"a":2,"b":2}',
      'duplicate-key',
      'local',
    ],
  ])('but not %s', (_, base, local, remote, reason, side) => {
    expect(merge(base, local, remote)).toMatchObject({ conflicts: [{ kind: 'file', reason, side }] })
  })
})

describe('R5 R6 a conflict names its path and leaves the rest merged', () => {
  test.each([
    [
      'one key',
      '{"a":1,"b":1}',
      '{"a":2,"b":1}',
      '{"a":3,"b":9}',
      { id: 'a', base: '1', local: '2', remote: '3' },
      '{"a":2,"b":9}',
    ],
    [
      'removed here, changed inside there',
      '{"a":{"x":1},"b":1}',
      '{"b":1}',
      '{"a":{"x":2},"b":2}',
      { id: 'a', base: '{"x":1}', local: null, remote: '{"x":2}' },
      '{"b":2}',
    ],
    [
      'changed inside here, removed there',
      '{"a":{"x":1},"b":1}',
      '{"a":{"x":2},"b":1}',
      '{"b":2}',
      { id: 'a', base: '{"x":1}', local: '{"x":2}', remote: null },
      '{"a":{"x":2},"b":2}',
    ],
    [
      'added with different values',
      '{"b":1}',
      '{"a":1,"b":1}',
      '{"a":2,"b":2}',
      { id: 'a', base: null, local: '1', remote: '2' },
      '{"a":1,"b":2}',
    ],
    [
      'another kind of value',
      '{"a":1,"b":1}',
      '{"a":{},"b":1}',
      '{"a":[],"b":2}',
      { id: 'a', base: '1', local: '{}', remote: '[]' },
      '{"a":{},"b":2}',
    ],
    [
      'a list of values',
      '{"o":{"l":[1]},"b":1}',
      '{"o":{"l":[1,2]},"b":1}',
      '{"o":{"l":[1,3]},"b":2}',
      { id: 'o.l', base: '[1]', local: '[1,2]', remote: '[1,3]' },
      '{"o":{"l":[1,2]},"b":2}',
    ],
    [
      'a key that is no word',
      '{"a.b":{"":1},"b":1}',
      '{"a.b":{"":2},"b":1}',
      '{"a.b":{"":3},"b":2}',
      { id: '["a.b"][""]', base: '1', local: '2', remote: '3' },
      '{"a.b":{"":2},"b":2}',
    ],
    [
      'local kept in the text of remote',
      '{"a":1,"b":1}',
      '{"a":2,"b":1}',
      '{ "a": 3, "b": 1, "c": 1 }',
      { id: 'a', base: '1', local: '2', remote: '3' },
      '{ "a": 2, "b": 1, "c": 1 }',
    ],
  ])('%s', (_, base, local, remote, conflict, rest) => {
    expect(merge(base, local, remote)).toMatchObject({ kind: 'conflict', conflicts: [conflict], rest })
  })

  test('an object merges, a key inside that both changed does not', () => {
    const result = merge(
      '{"o":{"a":1,"b":1,"c":1}}',
      '{"o":{"a":2,"b":2,"c":1}}',
      '{"o":{"a":3,"b":1,"c":3}}',
    )
    expect(idsOf(result)).toEqual(['o.a'])
    expect(result).toMatchObject({ rest: '{"o":{"a":2,"b":2,"c":3}}' })
  })
})

describe('R5 never merged by structure', () => {
  const deep = (levels: number, value: string): string => '{"a":'.repeat(levels) + value + '}'.repeat(levels)

  test.each([
    ['cut off', '{"a":1,"b":1}', '{"a":2,"b":1', '{"a":1,"b":2}', 'not-json', 'local'],
    ['empty', '{"a":1}', '{"a":2}', '', 'not-json', 'remote'],
    ['comments', '{"a":1}', '{"a":2} // why', '{"a":1,"b":1}', 'not-json', 'local'],
    ['a comma too many', '{"a":1}', '{"a":1,}', '{"a":1,"b":1}', 'not-json', 'local'],
    ['a base that is none', 'x', '{"a":1}', '{"a":2}', 'not-json', 'base'],
    ['a key twice', '{"a":1,"b":1}', '{"a":1,"a":2,"b":1}', '{"a":1,"b":2}', 'duplicate-key', 'local'],
    [
      'a key twice, spelled otherwise',
      '{"a":1,"b":1}',
      '{"a":1,"\\u0061":2,"b":1}',
      '{"a":1,"b":2}',
      'duplicate-key',
      'local',
    ],
    [
      'a key twice, deep inside',
      '{"b":1}',
      '{"b":2}',
      '{"b":1,"l":[{"o":{"x":1,"y":2,"x":1}}]}',
      'duplicate-key',
      'remote',
    ],
    ['a large integer', '{"a":1}', '{"a":9007199254740993}', '{"a":1,"b":1}', 'imprecise-number', 'local'],
    [
      'a long decimal',
      '{"a":1}',
      '{"a":1,"b":0.1000000000000000055511151231257827}',
      '{"a":2}',
      'imprecise-number',
      'local',
    ],
    ['negative zero', '{"a":1}', '{"a":-0}', '{"a":1,"b":1}', 'imprecise-number', 'local'],
    ['1e400', '{"a":1}', '{"a":1e400}', '{"a":1,"b":1}', 'imprecise-number', 'local'],
    ['501 levels', deep(501, '1'), deep(501, '2'), '{}', 'too-deep', 'local'],
    ['10,000 levels', deep(10_000, '1'), deep(10_000, '2'), deep(10_000, '3'), 'too-deep', 'local'],
  ])('%s', (_, base, local, remote, reason, side) => {
    const conflict = { kind: 'file', id: 'file', reason, side, base, local, remote }
    expect(merge(base, local, remote)).toEqual({ kind: 'conflict', conflicts: [conflict], rest: null })
    // Where only one side changed there is nothing to merge, so nothing is asked of its text.
    expect(merge(base, local, base)).toEqual(merged(local))
  })

  test('500 levels merge', () => {
    const result = merge(
      deep(500, '{"x":1,"y":1}').slice(5, -1),
      deep(500, '{"x":2,"y":1}').slice(5, -1),
      deep(500, '{"x":1,"y":2}').slice(5, -1),
    )
    expect(result).toEqual(merged(deep(500, '{"x":2,"y":2}').slice(5, -1)))
  })

  test('R4 without a base', () => {
    expect(merge(null, '{"a":1}', '{"b":1}')).toMatchObject({
      conflicts: [{ kind: 'file', reason: 'no-base', side: null }],
    })
    expect(merge(null, '{"a":1}', '{"a":1}')).toEqual(merged('{"a":1}'))
  })
})

describe('R6 resolving', () => {
  const texts = {
    base: '{\n  "a": 1,\n  "gone": {"x": 1},\n  "c": 1\n}\n',
    local: '{\n  "a": 2,\n  "c": 2\n}\n',
    remote: '{\n  "a": 3,\n  "gone": {"x": 2},\n  "c": 1,\n  "d": 1\n}\n',
  }
  const resolve = (...choices: [string, MergeChoice][]) => resolveJson(texts, new Map(choices))

  test.each<[string, MergeChoice, MergeChoice, string]>([
    ['local', 'local', 'local', '{\n  "a": 2,\n  "c": 2,\n  "d": 1\n}\n'],
    [
      'remote, in its place',
      'remote',
      'remote',
      '{\n  "a": 3,\n  "gone": {"x": 2},\n  "c": 2,\n  "d": 1\n}\n',
    ],
    ['base', 'base', 'base', '{\n  "a": 1,\n  "gone": {"x": 1},\n  "c": 2,\n  "d": 1\n}\n'],
    [
      'values of a person',
      { text: '[4]' },
      { text: ' {"y":[]} ' },
      '{\n  "a": [\n    4\n  ],\n  "gone": {\n    "y": []\n  },\n  "c": 2,\n  "d": 1\n}\n',
    ],
  ])('%s', (_, a, gone, text) => {
    expect(resolve(['a', a], ['gone', gone])).toEqual(merged(text))
  })

  test('what has no choice stays in conflict', () => {
    const result = resolve(['gone', 'remote'])
    expect(result).toMatchObject({
      kind: 'conflict',
      conflicts: [{ id: 'a' }],
      rest: '{\n  "a": 2,\n  "gone": {"x": 2},\n  "c": 2,\n  "d": 1\n}\n',
    })
  })

  test.each<[string, string, MergeChoice]>([
    ['a path that is not in conflict', 'c', 'local'],
    ['both', 'a', 'both'],
    ['a text that is no JSON', 'a', { text: '{' }],
  ])('refuses %s', (_, id, choice) => {
    expect(resolve([id, choice])).toMatchObject({ kind: 'refused', id })
  })

  test('a whole file', () => {
    const broken = { base: '{}', local: '{"a":', remote: '{"a":1}' }
    const take = (choice: MergeChoice) => resolveJson(broken, new Map([['file', choice]]))
    expect(take('remote')).toEqual(merged('{"a":1}'))
    expect(take('base')).toEqual(merged('{}'))
    expect(take({ text: '{"a":2}' })).toEqual(merged('{"a":2}'))
    expect(take('both')).toMatchObject({ kind: 'refused', id: 'file' })
    expect(resolveJson({ ...broken, base: null }, new Map([['file', 'base']]))).toMatchObject({
      kind: 'refused',
    })
  })
})

/** Elements; so many of them are a megabyte. */
const MANY = 10_000
const FEW = 1_250

test('R5 the work of a merge grows as its texts do, up to a megabyte, on one line or on many', async () => {
  const counts = await countWork(`
    const { mergeJson } = await load('engine/core/merge-json.ts')
    const { isDeepStrictEqual } = await import('node:util')
    // A search of the language's own is no block of the sources, so its characters are counted.
    let searched = 0
    for (const name of ['indexOf', 'lastIndexOf', 'includes', 'split', 'search', 'match', 'replace', 'replaceAll']) {
      const original = String.prototype[name]
      String.prototype[name] = function (...args) {
        const found = original.apply(this, args)
        const isNear = typeof found === 'number' && found >= 0 && typeof args[1] === 'number'
        searched += isNear ? Math.abs(found - args[1]) : this.length
        return found
      }
    }
    const document = (length, field, value) =>
      Array.from({ length }, (_, id) => ({ id, name: 'element ' + id, a: 0, b: 0, tags: ['x', 'y'], [field]: value }))
    for (const space of [undefined, 2])
      for (const length of [${FEW}, ${MANY}]) {
        const [base, local, remote] = [['a', 0], ['a', 1], ['b', 2]].map(([field, value]) =>
          JSON.stringify(document(length, field, value), null, space))
        searched = 0
        count()
        const { kind, text } = mergeJson({ base, local, remote })
        count()
        counts.splice(-2, 1)
        counts.push(searched)
        if (kind !== 'merged') throw new Error('not merged')
        const last = { id: length - 1, name: 'element ' + (length - 1), a: 1, b: 2, tags: ['x', 'y'] }
        if (!isDeepStrictEqual(JSON.parse(text).at(-1), last)) throw new Error('merged wrongly')
      }`)
  expect(counts).toHaveLength(8)
  for (const at of [0, 1, 4, 5]) {
    expect(counts[at]).toBeGreaterThan(FEW)
    expect(counts[at + 2]! / counts[at]!).toBeLessThan((1.5 * MANY) / FEW)
  }
})
