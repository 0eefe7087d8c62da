import { describe, expect, test } from 'vitest'
import { PatternUses } from './pattern-use.ts'

const FILES = [
  'data/a.md',
  'data/private/diary.md',
  'data/private/deep/b.md',
  'data/logs/2030/x.log',
  'package.json',
]

function usesOf(patterns: readonly string[], files: readonly string[] = FILES) {
  const uses = new PatternUses(patterns, 'data')
  for (const path of files) uses.note(path)
  if (uses.startGuessing()) for (const path of files) uses.guess(path)
  return uses.result()
}

describe('R15.8 of a pattern that matches nothing', () => {
  test.each([
    ['data/private', 'data/private/**', 'it names a folder'],
    ['./data/private', 'data/private/**', 'as it is written on a command line'],
    ['!data/private', '!data/private/**', 'it takes a folder out'],
    ['data/pri*/deep', 'data/pri*/deep/**', 'its end names a folder'],
    ['private', 'data/private/**', 'it names one below the content root'],
    ['private/**', 'data/private/**', 'it begins below the content root'],
    ['*.md', 'data/*.md', 'so does a file'],
    ['data/logs/*.log', 'data/logs/**/*.log', 'its files lie deeper'],
    ['data/none/**', null, 'nothing is like it'],
  ] as const)('%s means %s: %s', (pattern, meant, _why) => {
    expect(usesOf([pattern])).toEqual([{ isUsed: false, meant }])
  })

  test('a better guess stands, whichever file is seen first', () => {
    const files = ['data/notes/notes/x.md', 'notes/x.md']
    for (const order of [files, files.toReversed()])
      expect(usesOf(['notes'], order)).toEqual([{ isUsed: false, meant: 'notes/**' }])
  })
})

test('R15.8 a pattern that matches a file is used, to the letter', () => {
  expect(usesOf(['data/**', '!data/a.md', 'package.json'])).toEqual(
    Array.from({ length: 3 }, () => ({ isUsed: true, meant: null })),
  )
})
