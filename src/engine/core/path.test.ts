import { describe, expect, test } from 'vitest'
import { pathFault } from './path.ts'

describe('R11 refuses what could lead outside the project or is no name', () => {
  test.each([
    ['', 'empty'],
    ['..', '".."'],
    ['../x', '".."'],
    ['data/../../x', '".."'],
    ['data/..', '".."'],
    ['./x', '"."'],
    ['data/./x', '"."'],
    ['data//x', 'two "/"'],
    ['/etc/x', 'absolute'],
    ['//server/share/x', 'network share'],
    ['\\\\server\\share\\x', 'network share'],
    ['..\\x', 'backslash'],
    ['data\\x', 'backslash'],
    ['C:/x', 'drive letter'],
    ['c:', 'drive letter'],
    ['C:\\x', 'backslash'],
    ['data/', 'folder'],
    ['data/a\0b', 'NUL'],
    ['data/a\nb', 'control character'],
    ['data/a\u007fb', 'control character'],
    ['data/a\ud800', 'lone surrogate'],
    [`data/${'x'.repeat(256)}`, '255 bytes'],
    [`data/${'ä'.repeat(128)}`, '255 bytes'],
    [`data/${'😀'.repeat(64)}`, '255 bytes'],
    [`${'abcdefghi/'.repeat(102)}abcde`, '1024 bytes'],
  ])('%j', (path, part) => {
    expect(pathFault(path)).toContain(part)
  })
})

test.each([
  'a',
  'data/notes/a.md',
  'data/.hidden',
  'data/...',
  'data/..a',
  'data/a..b/c',
  'data/a:b',
  'data/con',
  'data/ lead and trail ',
  'data/ünï/日本語/😀.md',
  'data/%2e%2e/x',
  `data/${'x'.repeat(255)}`,
  `data/${'ä'.repeat(127)}`,
  `data/${'😀'.repeat(63)}`,
  `${'abcdefghi/'.repeat(102)}abcd`,
])('R11 allows %j', path => {
  expect(pathFault(path)).toBeNull()
})

describe('R11 refuses on Windows what Windows cannot hold', () => {
  test.each([
    'data/con',
    'data/CON.txt',
    'data/nul .json',
    'aux/x',
    'data/com1',
    'data/lpt9.tar.gz',
    'data/COM\u00b9',
    'data/conout$',
    'data/x.',
    'data/x ',
    'data./x',
    'data/a:b',
    'data/a<b',
    'data/a>b',
    'data/a"b',
    'data/a|b',
    'data/a?b',
    'data/a*b',
  ])('%j', path => {
    expect(pathFault(path, 'windows')).toContain('Windows cannot hold')
    expect(pathFault(path, 'posix')).toBeNull()
  })

  test.each(['data/console.txt', 'data/com', 'data/com10', 'data/nulls', 'data/a.con', 'data/.config'])(
    'and allows %j',
    path => {
      expect(pathFault(path, 'windows')).toBeNull()
    },
  )
})

describe('R11 refuses on Windows what may be the short name of another file', () => {
  test.each([
    'GIT~1/config',
    'data/ENV~1',
    'NODE_M~1/x.js',
    'data/CREDEN~1.JSO',
    'data/git~12',
    'CRB5F3~1.md',
    '~1',
  ])('%j', path => {
    expect(pathFault(path, 'windows')).toContain('another file')
    expect(pathFault(path, 'posix')).toBeNull()
  })

  test.each([
    'data/notes~10.markdown',
    'data/long-name~1.md',
    'data/a~',
    'data/~a1',
    'data/a~1b',
    'data/a~b~1x',
  ])('and allows %j, which can be none', path => {
    expect(pathFault(path, 'windows')).toBeNull()
  })
})
