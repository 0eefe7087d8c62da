import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SECRET_KINDS, type SecretKind } from './secret-kinds.ts'
import { mayHoldSecret } from './secret-search.ts'

const KINDS = Object.entries<SecretKind>(SECRET_KINDS)

test('R10.12 a literal is found at any place, in the cases that it may have', () => {
  const marks = KINDS.flatMap(([, { marks }]) => marks)
  const continuations = ['//user:secret@host', '\\/\\/user:secret@host', 'name-of-it|', 'A1b2C3d4']
  fc.assert(
    fc.property(
      fc.constantFrom(...marks),
      fc.uint8Array({ maxLength: 40 }),
      fc.boolean(),
      (mark, around, upper) => {
        const literal = upper && mark.ignoresCase === true ? mark.literal.toUpperCase() : mark.literal
        const texts = continuations.map(more => literal.replace(/[/\\]$/, '') + more)
        const found = texts.map(text => mayHoldSecret(Buffer.concat([around, Buffer.from(text), around])))
        expect(found).toContain(true)
      },
    ),
  )
})

test.each([
  'https://acme.io/a?b=c@d',
  'mailto:anna@acme.io',
  'https://acme.io:8080 anna@acme.io',
  'C:\\a:b@c',
  'prod: a | b',
])('R10.12 %j is not looked at more closely', text => {
  expect(mayHoldSecret(Buffer.from(text))).toBe(false)
})

test.each(['SPEC.md', 'README.md', 'package-lock.json', 'docs/merging.md'])('R10.12 nor is %s', path => {
  expect(mayHoldSecret(readFileSync(path))).toBe(false)
})

test('R10.12 no literal can be written in another way within a value of JSON', () => {
  for (const [id, { marks }] of KINDS)
    for (const { literal } of marks)
      expect([id, literal]).toEqual([id, expect.stringMatching(/^(:[/\\]|[ !#-.0-[\]-~]+)$/)])
})
