import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { setPatterns } from './config-text.ts'

const LIST = 'syncFilePatterns'

describe('patterns that are saved change only themselves', () => {
  test.each<[string, string, string[], string]>([
    [
      'nothing new',
      '{ "syncFilePatterns": [ "a" ,"b" ] }',
      ['a', 'b'],
      '{ "syncFilePatterns": [ "a" ,"b" ] }',
    ],
    [
      'one more at the end, as the others are written',
      '{\n  "syncFilePatterns": [\n    "a",\n    "b"\n  ],\n  "x": 1\n}\n',
      ['a', 'b', 'c'],
      '{\n  "syncFilePatterns": [\n    "a",\n    "b",\n    "c"\n  ],\n  "x": 1\n}\n',
    ],
    [
      'one in the middle',
      '{"syncFilePatterns":["a","c"]}',
      ['a', 'b', 'c'],
      '{"syncFilePatterns":["a","b","c"]}',
    ],
    [
      'one after an only one, with CRLF and tabs',
      '{\r\n\t"syncFilePatterns": [\r\n\t\t"a"\r\n\t]\r\n}',
      ['a', 'b'],
      '{\r\n\t"syncFilePatterns": [\r\n\t\t"a",\r\n\t\t"b"\r\n\t]\r\n}',
    ],
    ['the first goes', '{"syncFilePatterns": ["a", "b"]}', ['b'], '{"syncFilePatterns": ["b"]}'],
    ['the last goes', '{"syncFilePatterns": ["a", "b"]}', ['a'], '{"syncFilePatterns": ["a"]}'],
    ['all go', '{"syncFilePatterns": [ "a", "b" ]}', [], '{"syncFilePatterns": []}'],
    [
      'one becomes another',
      '{"syncFilePatterns": ["a","b" , "c"]}',
      ['a', 'x', 'c'],
      '{"syncFilePatterns": ["a","x" , "c"]}',
    ],
    [
      'the first into an empty list',
      '{\n  "syncFilePatterns": []\n}\n',
      ['a'],
      '{\n  "syncFilePatterns": [\n    "a"\n  ]\n}\n',
    ],
    [
      'a list that was not there',
      '{\n  "x": 1\n}\n',
      ['a'],
      '{\n  "x": 1,\n  "syncFilePatterns": [\n    "a"\n  ]\n}\n',
    ],
    ['a byte order mark', '\uFEFF{"syncFilePatterns":["a"]}', ['b'], '\uFEFF{"syncFilePatterns":["b"]}'],
  ])('%s', (_name, before, patterns, after) => {
    expect(setPatterns(before, LIST, patterns)).toBe(after)
  })

  test('whatever the lists, the text afterwards says the new one and keeps the rest', () => {
    const patterns = array(constantFrom('a', 'b', 'data/**', '!x', '"q"', 'ü'), { maxLength: 6 })
    let changed = 0
    assert(
      property(patterns, patterns, constantFrom(0, 2, '\t'), (before, after, indent) => {
        const text = JSON.stringify(
          { keep: [1, 2], [LIST]: before, privateSyncFilePatterns: ['p'] },
          null,
          indent,
        )
        const result = setPatterns(text, LIST, after)
        expect(JSON.parse(result)).toEqual({ keep: [1, 2], [LIST]: after, privateSyncFilePatterns: ['p'] })
        if (result !== text) changed += 1
      }),
      { numRuns: 2_000 },
    )
    expect(changed).toBeGreaterThan(1_000)
  })
})
