import fc from 'fast-check'
import picomatch from 'picomatch'
import { beforeAll, describe, expect, test } from 'vitest'
import { times } from '../../../test/support/long.ts'
import { countWork } from '../../../test/support/work.ts'
import { compileGlob, globCost, globFault } from './glob.ts'

function matches(glob: string, path: string): boolean {
  return compileGlob(glob).matches(path.split('/'))
}

describe('a glob matches', () => {
  test.each([
    ['data/a.md', 'data/a.md'],
    ['./data/a.md', 'data/a.md'],
    ['data/*.md', 'data/.md'],
    ['data/*.md', 'data/.hidden.md'],
    ['data/*', 'data/.hidden'],
    ['data/**', 'data/a'],
    ['data/**', 'data/.a/.b/c'],
    ['**', 'a'],
    ['**/*.md', 'a.md'],
    ['**/*.md', 'x/y/a.md'],
    ['data/**/notes/*.md', 'data/notes/a.md'],
    ['data/**/notes/*.md', 'data/a/b/notes/a.md'],
    ['a/**/b/**/c', 'a/b/x/b/y/c'],
    ['data/a**b', 'data/axxb'],
    ['data/***', 'data/a'],
    ['data/?.md', 'data/😀.md'],
    ['data/[a-c].md', 'data/b.md'],
    ['data/[!a-c].md', 'data/d.md'],
    ['data/[^a-c].md', 'data/d.md'],
    ['data/[]].md', 'data/].md'],
    ['data/[!]].md', 'data/a.md'],
    ['data/[a-].md', 'data/-.md'],
    ['data/[*].md', 'data/*.md'],
    ['data/[id].md', 'data/[id].md'],
    ['data/[id].md', 'data/d.md'],
    ['data/*.{json,md}', 'data/a.md'],
    ['{a,b/{c,d}}/x', 'b/d/x'],
    ['data{,/sub}/x', 'data/x'],
    ['data{,/sub}/x', 'data/sub/x'],
    ['data/{1..12}.md', 'data/11.md'],
    ['data/{01..12}.md', 'data/09.md'],
    ['data/{a..e}.md', 'data/d.md'],
    ['data/{a}.md', 'data/{a}.md'],
    ['data/[{]a,b}.md', 'data/{a,b}.md'],
    ['data/notes (1).md', 'data/notes (1).md'],
    ['data/@(a|b).md', 'data/b.md'],
    ['data/?(a).md', 'data/.md'],
    ['data/+(a|ab)c', 'data/abaabc'],
    ['data/*(a|b)', 'data/abba'],
    ['data/!(a).md', 'data/b.md'],
    ['data/!(a).md', 'data/ab.md'],
    ['data/!(*.tmp)', 'data/a.md'],
    ['!(data)/x', 'other/x'],
    ['data/@(a*|?(b)c).md', 'data/c.md'],
    ['#a/b', '#a/b'],
  ])('%s – %s', (glob, path) => {
    expect(globFault(glob)).toBeNull()
    expect(matches(glob, path)).toBe(true)
  })
})

describe('a glob does not match', () => {
  test.each([
    ['data/a.md', 'data/A.md'],
    ['data/a.md', 'data/a.md/b'],
    ['data/*', 'data/a/b'],
    ['data/*.md', 'data/a.mdx'],
    ['data/**', 'data'],
    ['data/**', 'database/a'],
    ['data/**/x/*', 'data/x'],
    ['data/a**b', 'data/a/b'],
    ['data/***', 'data/a/b'],
    ['data/?.md', 'data/.md'],
    ['data/[a-c].md', 'data/d.md'],
    ['data/[!a].md', 'data/a.md'],
    ['data/{1..12}.md', 'data/13.md'],
    ['data/{01..12}.md', 'data/9.md'],
    ['data/@(a|b).md', 'data/ab.md'],
    ['data/?(a).md', 'data/aa.md'],
    ['data/+(a).md', 'data/.md'],
    ['data/!(a).md', 'data/a.md'],
    ['data/!(*.tmp)', 'data/a.tmp'],
    ['data/a*a', 'data/a'],
    ['data/a*bc*c', 'data/abc'],
  ])('%s – %s', (glob, path) => {
    expect(globFault(glob)).toBeNull()
    expect(matches(glob, path)).toBe(false)
  })
})

describe('a glob that cannot be meant is refused', () => {
  test.each([
    ['', 'empty'],
    ['data\\*.md', 'backslash'],
    ['data/\n', 'control character'],
    ['/data/*', 'absolute'],
    ['C:/data/*', 'absolute'],
    ['{,data}/*', 'absolute'],
    ['data/', 'ends with "/"'],
    ['data//x', 'empty name'],
    ['../x', '".."'],
    ['data/../x', '".."'],
    ['data/./x', '"."'],
    ['data/[a.md', '"["'],
    ['data/[]', '"["'],
    ['data/[a/b]', '"/" in brackets'],
    ['data/[[:alpha:]]', 'such as [a-z0-9]'],
    ['data/[z-a]', 'backwards'],
    ['data/*.{md,json', '"{"'],
    ['data/{1..500}', '400 patterns'],
    ['{{1..300},x}{{1..300},x}{{1..300},x}', '400 patterns'],
    ['{a,b}'.repeat(39), '400 patterns'],
    ['data/@(a|b', '"("'],
    ['data/(a|b).md', '@(a|b)'],
    ['data/@(a/b|c)', '"/" in parentheses'],
    ['data/@(a(b)c)', 'plain parentheses'],
    ['data/!(!(a))', '!(…) within'],
  ])('%j', (glob, part) => {
    expect(globFault(glob)).toContain(part)
  })
})

const literal = fc.constantFrom('a', 'b', 'ab', '.a', 'a.b', 'aab', 'ba')
const name = fc.stringMatching(/^[ab.]{1,5}$/).filter(text => text !== '.' && text !== '..')
const path = fc.array(fc.oneof(literal, name), { minLength: 1, maxLength: 5 })

/** Only what both readings of globs have in common. */
const piece = fc.constantFrom(
  'a',
  'b',
  '.',
  '*',
  '?',
  '[ab]',
  '@(a|b)',
  '?(a)',
  '+(ab)',
  '*(b)',
  '{a,b}',
  '{aa,b*}',
)
const globName = fc
  .array(piece, { minLength: 1, maxLength: 4 })
  .map(pieces => pieces.join(''))
  // Picomatch hands a quantifier behind a group on to its regular expression.
  .filter(text => !/^\.*$|\*\*|\.\.|[)\]}][?*+]/.test(text))
  // Picomatch's empty name behind a slash also stands for no name.
  .filter(text => text.replace(/[?*]\(\w+\)/g, '') !== '')
const ordinaryGlob = fc
  .tuple(fc.array(fc.oneof(globName, literal, fc.constant('**')), { maxLength: 4 }), globName)
  .map(([folders, last]) => [...folders, last].join('/'))

test('means what picomatch means, on ordinary globs', () => {
  let matched = 0
  fc.assert(
    fc.property(ordinaryGlob, path, (glob, names) => {
      // Its shortcut for `*.*` alone wants a character behind the dot.
      const expected = picomatch(glob, { dot: true, fastpaths: false })(names.join('/'))
      expect(compileGlob(glob).matches(names)).toBe(expected)
      if (expected) matched++
    }),
    { numRuns: times({ short: 2_000, long: 100_000 }) },
  )
  expect(matched).toBeGreaterThan(20)
})

const HARD_NAMES = [
  'a'.repeat(255),
  `${'a'.repeat(254)}b`,
  'ab'.repeat(127),
  `${'ab'.repeat(127)}c`,
  'aab'.repeat(85),
]

const HARD_GLOBS = [
  `${'*a'.repeat(10)}b`,
  `${'+('.repeat(10)}a${')'.repeat(10)}c`,
  `${'?(*(@('.repeat(10)}a${')))'.repeat(10)}`,
  `+(${'a|ab|b|'.repeat(27)}a)c`,
  `+(+(a|aa)|b|+(*|a))c`,
  '+(a|*)'.repeat(5),
  `*!(${'*aa'.repeat(8)}b)c`,
  `!(${'*(a|b)'.repeat(7)}c)!(a*)b`,
  `${'!(a)'.repeat(10)}b`,
  `${'**/a/'.repeat(39)}b`,
  `${'**/*/'.repeat(39)}b`,
  `${'{a,?}'.repeat(8)}${'*?'.repeat(10)}b`,
]
/** Blocks for each step that `globCost` tells of; twice what the hardest takes. */
const BLOCKS_A_STEP = 12
/** The work grows with the length alone: a quarter of the longest path shows it. In characters. */
const LENGTH = 1024
const HARD_PATHS = [
  ...HARD_NAMES.slice(0, 4).map(hard => Array<string>(5).fill(hard).join('/').slice(0, LENGTH)),
  Array<string>(LENGTH / 2)
    .fill('a')
    .join('/'),
]

/** For each glob, as a pattern, the blocks of its hardest path. */
async function workOf(globs: readonly string[]): Promise<number[]> {
  const counts = await countWork(`
    const { compilePatterns } = await load('engine/core/patterns.ts')
    for (const glob of ${JSON.stringify(globs)}) {
      const set = compilePatterns([glob])
      count()
      for (const path of ${JSON.stringify(HARD_PATHS)}) {
        set.match(path)
        set.mayContain(path)
        count()
      }
    }`)
  const size = HARD_PATHS.length + 1
  return globs.map((_, at) => Math.max(...counts.slice(at * size + 1, (at + 1) * size)))
}

const mostOf = (glob: string): number => BLOCKS_A_STEP * globCost(glob) * LENGTH

describe('R15.9 no glob makes matching run away: steps by its own cost for each character of the path', () => {
  let work: readonly number[]
  const hard = HARD_GLOBS.map(glob => `**/${glob}`).filter(glob => globFault(glob) === null)

  beforeAll(async () => {
    work = await workOf(hard)
  })

  test.each(hard)('%s', glob => {
    expect(work[hard.indexOf(glob)]).toBeLessThan(mostOf(glob))
  })

  test.each([`${'*a'.repeat(11)}b`, `${'+('.repeat(49)}a${')'.repeat(49)}`, `*!(${'*a'.repeat(95)}b)c`])(
    '%s is refused',
    glob => {
      expect(globFault(glob)).toContain('10 wildcards')
    },
  )

  test('whatever the characters', async () => {
    const odd = fc.string({
      unit: fc.constantFrom(...Array.from('ab*?+!@()|[]{},-./^')),
      minLength: 20,
      maxLength: 190,
    })
    const globs = fc
      .sample(odd, times({ short: 1_000, long: 40_000 }))
      .flatMap(glob => [glob, `**/${glob}`])
      .filter(glob => globFault(glob) === null)
    expect(globs.length).toBeGreaterThan(20)
    const counts = await workOf(globs)
    expect(globs.filter((glob, at) => counts[at]! > mostOf(glob))).toEqual([])
  })
})

test('R15.9 a thousand patterns against a path of 4 KB', async () => {
  const [, blocks] = await countWork(`
    const { compilePatterns } = await load('engine/core/patterns.ts')
    const patterns = Array.from({ length: 1_000 }, (_, at) => '**/agent-' + at + '/{notes,*}/**/*.{json,md}')
    const set = compilePatterns(patterns)
    count()
    if (set.match('aab'.repeat(85).concat('/').repeat(16) + 'c').matched) throw new Error('matched')
    count()`)
  expect(blocks).toBeLessThan(10_000_000)
})
