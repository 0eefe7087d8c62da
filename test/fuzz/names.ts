/** Paths that somebody hostile, or another system, might give: with all that a name may hide. */
import fc from 'fast-check'
import { DENYLIST } from '../../src/engine/core/denylist.ts'

const DENIED = DENYLIST.flatMap(({ pattern }) => pattern.replace(/\/$/, '').replaceAll('*', 'x').split('/'))

/** Not seen, or read over by some file system. */
export const IGNORABLE = [
  '\u200b',
  '\u200c',
  '\u200d',
  '\u200e',
  '\u202e',
  '\u2060',
  '\u2066',
  '\ufeff',
  '\u00ad',
  '\ufe0f',
  '\u{e0041}',
]

const PIECES = [
  ...DENIED,
  ...IGNORABLE,
  '.',
  '..',
  '...',
  '',
  ' ',
  '~',
  '~1',
  '#',
  '$',
  ':',
  '::$DATA',
  '%2e%2e',
  '%00',
  '\\',
  '\0',
  '\n',
  '\u007f',
  '\u0085',
  'GIT~1',
  'con',
  'NUL.txt',
  'com1',
  'C:',
  'a',
  'data',
  'x.md',
  'ſ',
  '\u212a',
  'İ',
  'ı',
  'ß',
  'é',
  'e\u0301',
  '日本',
  '😀',
  '\ud83d',
  '\udc00',
  'x'.repeat(255),
  'ä'.repeat(128),
  '-rf',
  '*',
  '?',
  '[id]',
  '{a,b}',
  '"',
  "'",
  '`',
  '\u2028',
  '／',
  '‥',
]

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 2, arbitrary: fc.stringMatching(/^[a-zA-Z0-9._ ~-]{1,8}$/) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
)
const name = fc.array(piece, { minLength: 1, maxLength: 3 }).map(pieces => pieces.join(''))
const separator = fc.constantFrom('/', '/', '/', '/', '/', '//', '\\', '/./', '/../')

export const hostilePath: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', '', '', 'data/', 'data/', '/', '../', './', '//host/'),
    fc.array(fc.tuple(name, separator), { maxLength: 3 }),
    name,
  )
  .map(([start, folders, last]) => start + folders.flat().join('') + last)
