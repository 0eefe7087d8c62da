import { parseEnv } from 'node:util'
import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { envLineOf, EnvTextError, maskEnvText, setEnvValue } from './env-text.ts'

describe('a saved setting changes only its own value', () => {
  test.each([
    ['an empty file', '', 'A=new\n'],
    ['a plain line', 'A=old\nB=2\n', 'A=new\nB=2\n'],
    ['a comment behind the value', 'A=old # why\nB=2\n', 'A=new # why\nB=2\n'],
    ['a comment right behind nothing', 'A=# why\nB=2\n', 'A=new # why\nB=2\n'],
    ['comments and order', '# top\n\nB=2\nA=old\n# end\n', '# top\n\nB=2\nA=new\n# end\n'],
    ['double quotes', 'A="old"\n', 'A="new"\n'],
    ['single quotes', "A='old' # x\n", "A='new' # x\n"],
    ['backticks', 'A=`old`\n', 'A=`new`\n'],
    ['an export prefix', 'export A=old\n', 'export A=new\n'],
    ['spaces around =', '  A = old\n', '  A = new\n'],
    ['CRLF', 'A=old\r\nB=2\r\n', 'A=new\r\nB=2\r\n'],
    ['CRLF where a line is added', 'B=2\r\n', 'B=2\r\nA=new\r\n'],
    ['a missing last line end', 'B=2\nA=old', 'B=2\nA=new'],
    ['a missing last line end where a line is added', 'B=2', 'B=2\nA=new'],
    ['a repeated key: the last one counts', 'A=1\nA=old\n', 'A=1\nA=new\n'],
    ['a value over several lines', 'B="\nA=fake\n"\nA=old\n', 'B="\nA=fake\n"\nA=new\n'],
    ['a commented-out key', '#A=old\nB=1\n', '#A=old\nB=1\nA=new\n'],
    ['a key that only begins alike', 'AB=1\n', 'AB=1\nA=new\n'],
    ['an empty value', 'A=\nB=2\n', 'A=new\nB=2\n'],
    ['nothing to change', 'A="new" # stays\n', 'A="new" # stays\n'],
  ])('%s', (_name, before, after) => {
    expect(setEnvValue(before, 'A', 'new')).toBe(after)
    expect(parseEnv(after)['A']).toBe('new')
  })

  test.each([
    ['a space', 'two words', 'A=two words\n'],
    ['a hash', 'a#b', 'A="a#b"\n'],
    ['a leading quote', '"q"', `A='"q"'\n`],
    ['a Windows path', String.raw`C:\new\data`, 'A=C:\\new\\data\n'],
    ['a Windows path with a hash', String.raw`C:\new\#1`, `A='C:\\new\\#1'\n`],
    ['blanks at its ends', ' x ', 'A=" x "\n'],
  ])('quotes %s only where it must', (_name, value, after) => {
    expect(setEnvValue('', 'A', value)).toBe(after)
    expect(parseEnv(after)['A']).toBe(value)
  })

  test('refuses what no .env file can hold', () => {
    expect(() => setEnvValue('B=1\n', 'A', 'x\'"`#')).toThrow(EnvTextError)
    expect(() => setEnvValue('B=1\n', 'A', 'a\rb')).toThrow(EnvTextError)
  })

  test('refuses a change that other lines would feel, rather than make it', () => {
    // An unclosed quote: Node takes the line as it is, until a quote further down closes it.
    expect(() => setEnvValue('B="open\nA=old\n', 'A', 'x"y')).toThrow(EnvTextError)
  })

  test('whatever the file, it is either changed as meant or refused', () => {
    const piece = constantFrom(
      'A',
      'B',
      'CC',
      '=',
      ' ',
      '\n',
      '\r\n',
      '#',
      '"',
      "'",
      '`',
      'x',
      'export ',
      '\\n',
      '\\',
    )
    let changed = 0
    assert(
      property(array(piece, { maxLength: 30 }), array(piece, { maxLength: 5 }), (pieces, values) => {
        const before = pieces.join('')
        const value = values.join('')
        let after: string
        try {
          after = setEnvValue(before, 'A', value)
        } catch (error) {
          expect(error).toBeInstanceOf(EnvTextError)
          return
        }
        changed += 1
        expect({ ...parseEnv(after) }).toEqual({ ...parseEnv(before), A: value })
      }),
      { numRuns: 3_000 },
    )
    expect(changed).toBeGreaterThan(500)
  })
})

describe('a .env that is shown hides its secrets', () => {
  const isOpen = (key: string): boolean => key === 'OPEN'

  test.each([
    ['an open value', 'OPEN=shown # note\n', 'OPEN=shown # ••••••\n'],
    ['a plain secret', 'KEY=abc\nOPEN=1\n', 'KEY=••••••\nOPEN=1\n'],
    ['a quoted secret', 'export KEY="a b" # why\n', 'export KEY=•••••• # ••••••\n'],
    ['a secret over lines, CRLF', 'KEY="a\r\nb"\r\nOPEN=1', 'KEY=••••••\r\n••••••\r\nOPEN=1'],
    ['a secret that is commented out', '#KEY: "abc"\n# my password is abc\n#\n', '#••••••\n# ••••••\n#\n'],
    ['what no rule explains', 'OPEN=1\nabcdef\n', 'OPEN=1\n••••••\n'],
    ['an empty value', 'KEY=\n', 'KEY=\n'],
  ])('%s', (_name, text, shown) => {
    expect(maskEnvText(text, isOpen)).toBe(shown)
  })

  test('a line that parseEnv takes for the value of the key above it is hidden with it', () => {
    const text = 'KEY= \nOPEN=S3CRET\nOPEN=seen\n'
    expect(parseEnv(text)['KEY']).toBe('OPEN=S3CRET')
    expect(maskEnvText(text, isOpen)).toBe('KEY=••••••\nOPEN=••••••\nOPEN=••••••\n')
  })

  test.each([
    ['one line of spaces', `KEY${' '.repeat(200_000)}`],
    ['a value on each of 100,000 lines', 'KEY=S3CRET\n'.repeat(100_000)],
    ['a quote on each of 100,000 lines', 'KEY="\n'.repeat(100_000)],
  ])('a long file holds nothing up: %s', (_name, text) => {
    expect(maskEnvText(text, isOpen)).not.toContain('S3CRET')
    expect(envLineOf(text, 'OTHER')).toBeNull()
  })

  test('whatever the file, no hidden value is shown and each line stays where it is', () => {
    const piece = constantFrom(
      'KEY=',
      'KEY="',
      'OPEN=',
      '=',
      ' ',
      '\n',
      '\r\n',
      '#',
      '"',
      "'",
      'S3CRET',
      'export ',
    )
    let hidden = 0
    assert(
      property(array(piece, { maxLength: 30 }), pieces => {
        const text = pieces.join('')
        const shown = maskEnvText(text, isOpen)
        expect(shown.split('\n')).toHaveLength(text.split('\n').length)
        const value = parseEnv(text)['KEY'] ?? ''
        if (!value.includes('S3CRET') || (parseEnv(text)['OPEN'] ?? '').includes('S3CRET')) return
        // Of a key that is given twice the last one counts, and what an open one said before is shown too.
        if (text.split('OPEN=').length > 2) return
        const isAKey = /S3CRET[^\n]*=/.test(text)
        if (isAKey) return
        hidden += 1
        expect(shown).not.toContain('S3CRET')
      }),
      { numRuns: 5_000 },
    )
    expect(hidden).toBeGreaterThan(50)
  })
})
