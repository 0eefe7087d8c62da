import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pathFault } from './path.ts'
import { compilePatterns, patternFault, patternOf } from './patterns.ts'
import { isWithin, parentOf } from './tree.ts'

describe('a file is in if a positive pattern matches and no negated one does', () => {
  const set = compilePatterns(['!data/private/**', 'data/**/*.md', 'data/**', '!**/*.tmp'])

  test.each([
    ['data/a.md', true, 1],
    ['data/a.json', true, 2],
    ['data/private/a.md', false, 0],
    ['data/a.tmp', false, 3],
    ['data/private/a.tmp', false, 0],
    ['other/a.md', false, null],
    ['other/a.tmp', false, null],
  ])('%s: %s, decided by pattern %s', (path, matched, index) => {
    expect(set.match(path)).toEqual({ matched, index })
  })

  test('nothing is in where no pattern is positive', () => {
    const negatedOnly = compilePatterns(['!data/**'])
    expect(negatedOnly.match('other/a')).toEqual({ matched: false, index: null })
    expect(negatedOnly.bases).toEqual([])
    expect(negatedOnly.mayContain('')).toBe(false)
  })

  test('a group of anything else is no negation', () => {
    expect(compilePatterns(['!(a|b)/*.md']).match('c/x.md')).toEqual({ matched: true, index: 0 })
  })
})

describe('Windows separators', () => {
  test('a pattern with a backslash is refused and says what to write', () => {
    expect(patternFault('data\\**\\*.md')).toContain('use "/"')
    expect(patternFault('!data\\x')).toContain('use "/"')
  })

  test('a path with a backslash is never taken for one with folders', () => {
    expect(compilePatterns(['data/*.md', 'data/**']).match('data\\a.md').matched).toBe(false)
  })
})

describe('faults', () => {
  test.each([
    ['', 'empty'],
    ['!', 'empty'],
    ['!!data/**', 'negated twice'],
    [`data/${'x'.repeat(196)}`, 'longer than 200'],
    ['!/data/**', 'absolute'],
    ['!data/', 'ends with'],
    [' data/a.md', 'begins or ends with a space'],
    ['data/a.md ', 'begins or ends with a space'],
    ['! data/x/**', 'begins or ends with a space'],
  ])('%j', (pattern, part) => {
    expect(patternFault(pattern)).toContain(part)
  })

  test('200 characters are good', () => {
    expect(patternFault(`data/${'x'.repeat(195)}`)).toBeNull()
    expect(patternFault(`!data/${'x'.repeat(194)}`)).toBeNull()
  })
})

describe('bases', () => {
  test.each([
    [['data/**'], ['data']],
    [['data/a.md'], ['data']],
    [['a.md'], ['']],
    [['**/*.md', 'data/**'], ['']],
    [
      ['data/notes/**', 'data/agents/*/state.json'],
      ['data/agents', 'data/notes'],
    ],
    [
      ['data/notes/**', 'data/*.md', 'data2/x'],
      ['data', 'data2'],
    ],
    [['data/{a,b}/*.md'], ['data/a', 'data/b']],
    [['data/a*/b/*.md'], ['data']],
    [['data/**', '!other/**'], ['data']],
    [[], []],
  ])('%j begin at %j', (patterns, bases) => {
    expect(compilePatterns(patterns).bases).toEqual(bases)
  })
})

describe('mayContain', () => {
  test.each([
    [['data/**'], '', true],
    [['data/**'], 'data', true],
    [['data/**'], 'data/a/b', true],
    [['data/**'], 'other', false],
    [['data/**'], 'dat', false],
    [['data/*.md'], 'data/a', false],
    [['data/*/x.md'], 'data/a', true],
    [['data/*/x.md'], 'data/a/b', false],
    [['data/a.md'], 'data/a.md', false],
    [['**/x.md'], 'anything/at/all', true],
    [['data/**', '!data/cache/**'], 'data/cache', false],
    [['data/**', '!data/cache/**'], 'data/cache/a', false],
    [['data/**', '!data/cache/*'], 'data/cache', true],
    [['data/**', '!**/cache/**'], 'data/a/cache/b', false],
    [['data/**', '!**/cache/**/*.md'], 'data/a/cache/b', true],
    [['data/**', '!**'], 'data', false],
  ])('%j in %s: %s', (patterns, folder, expected) => {
    expect(compilePatterns(patterns).mayContain(folder)).toBe(expected)
  })
})

const name = fc.constantFrom('a', 'b', 'ab', '.a', '.b', 'c.md', '.md')
const pathOf = fc.array(name, { minLength: 1, maxLength: 5 }).map(names => names.join('/'))
const globName = fc.oneof(
  { weight: 3, arbitrary: name },
  { weight: 3, arbitrary: fc.constantFrom('*', '**', '?', '.*') },
  fc.constantFrom('a*', '*b', '[a-c]', '[!a]', '{a,b/*}', '{a,**}', '*.md', '@(a|.b)', '!(a)', '+(a|b)'),
)
const positive = fc.oneof(
  fc.constantFrom('**', 'a/**', '**/*.md', '**/.a/**', '*/b', '**/b'),
  fc.array(globName, { minLength: 1, maxLength: 4 }).map(names => names.join('/')),
)
const patternList = fc.array(
  fc
    .tuple(fc.constantFrom('', '', '!'), positive)
    .map(([sign, glob]) => (glob.startsWith('!') ? glob : sign + glob)),
  { minLength: 1, maxLength: 4 },
)

describe('properties', () => {
  test('R2 negation subtracts, and the order does not matter', () => {
    let subtracted = 0
    fc.assert(
      fc.property(patternList, pathOf, fc.infiniteStream(fc.nat()), (patterns, path, random) => {
        const { matched } = compilePatterns(patterns).match(path)
        const alone = (pattern: string): boolean => compilePatterns([pattern]).match(path).matched
        const isNegated = (pattern: string): boolean => pattern.startsWith('!') && pattern[1] !== '('
        const included = patterns.filter(pattern => !isNegated(pattern)).some(alone)
        const excluded = patterns.filter(isNegated).some(pattern => alone(pattern.slice(1)))
        expect(matched).toBe(included && !excluded)
        if (included && excluded) subtracted++
        const shuffled = patterns
          .map(pattern => ({ pattern, order: random.next().value }))
          .toSorted((a, b) => a.order - b.order)
          .map(({ pattern }) => pattern)
        expect(compilePatterns(shuffled).match(path).matched).toBe(matched)
      }),
      { numRuns: 3000 },
    )
    expect(subtracted).toBeGreaterThan(50)
  })

  test('a dot at a name’s start is a character like any other', () => {
    let matched = 0
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('*', '?*', '**', 'x*'), { minLength: 1 }),
        pathOf,
        (names, path) => {
          const set = compilePatterns([names.join('/')])
          const plain = path.replaceAll('.', 'o')
          expect(set.match(path).matched).toBe(set.match(plain).matched)
          if (set.match(path).matched) matched++
        },
      ),
      { numRuns: 1000 },
    )
    expect(matched).toBeGreaterThan(50)
  })

  test('the deciding pattern is named', () => {
    fc.assert(
      fc.property(patternList, pathOf, (patterns, path) => {
        const { matched, index } = compilePatterns(patterns).match(path)
        if (index === null) {
          expect(matched).toBe(false)
          return
        }
        const pattern = patterns[index]!
        const body = matched ? pattern : pattern.slice(1)
        expect(compilePatterns([body]).match(path).matched).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('R2 no folder on the way to a match is pruned, and every match lies below a base', () => {
    let checked = 0
    fc.assert(
      fc.property(patternList, pathOf, (patterns, path) => {
        const set = compilePatterns(patterns)
        if (!set.match(path).matched) return
        checked++
        for (let folder = parentOf(path); ; folder = parentOf(folder)) {
          expect(set.mayContain(folder)).toBe(true)
          if (folder === '') break
        }
        expect(set.bases.some(base => isWithin(base, parentOf(path)))).toBe(true)
      }),
      { numRuns: 5000 },
    )
    expect(checked).toBeGreaterThan(500)
  })

  test('no base lies in another', () => {
    fc.assert(
      fc.property(patternList, patterns => {
        const { bases } = compilePatterns(patterns)
        for (const base of bases) {
          expect(bases.filter(other => isWithin(other, base))).toEqual([base])
        }
      }),
    )
  })

  test('R3 a folder is pruned where nothing below can match, on small trees', () => {
    const names = ['a', 'b', '.a', 'c.md']
    const below = [...names, ...names.flatMap(outer => names.map(inner => `${outer}/${inner}`))]
    let pruned = 0
    fc.assert(
      fc.property(
        patternList,
        fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
        (patterns, folders) => {
          const set = compilePatterns(patterns)
          if (set.mayContain(folders.join('/'))) return
          pruned++
          for (const path of below) expect(set.match([...folders, path].join('/')).matched).toBe(false)
        },
      ),
      { numRuns: 2000 },
    )
    expect(pruned).toBeGreaterThan(200)
  })
})

test('R10.7 a path is made a pattern that matches it alone', () => {
  const names = fc.string({
    unit: fc.constantFrom(...Array.from('ab*?[]{}()!@+,| .')),
    minLength: 1,
    maxLength: 8,
  })
  const paths = fc
    .array(names, { minLength: 1, maxLength: 3 })
    .map(each => each.join('/'))
    .filter(path => pathFault(path) === null)
  fc.assert(
    fc.property(paths, paths, (path, other) => {
      const pattern = patternOf(path)
      expect(patternFault(pattern)).toBeNull()
      expect(compilePatterns([pattern]).match(path).matched).toBe(true)
      expect(compilePatterns([pattern]).match(other).matched).toBe(other === path)
    }),
  )
})

test('R15.9 a path that no file can have is matched by nothing, so that the work has a bound', () => {
  const all = compilePatterns(['**'])
  for (const path of ['a'.repeat(255), 'a/'.repeat(2047) + 'a']) expect(all.match(path).matched).toBe(true)
  for (const path of ['a'.repeat(256), 'a/'.repeat(2048) + 'a']) expect(all.match(path).matched).toBe(false)
})
