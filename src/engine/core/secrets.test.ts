import { expect, test } from 'vitest'
import { type FoundSecret, maskedSecret, newSecrets, secretProblem } from './secrets.ts'

function secret(value: string, line = 1): FoundSecret {
  return { rule: 'github', line, value }
}

test.each([
  ['abcdefghijklmnopqrstuvwxyz', 'abcd… (26 characters)'],
  ['abcdefgh', 'ab… (8 characters)'],
  ['abc', '… (3 characters)'],
  ['a\u202eb\nc-and-more-of-it', 'a?b?… (20 characters)'],
])('R10.12 of %j no more is shown than %j', (value, masked) => {
  expect(maskedSecret(secret(value)).masked).toBe(masked)
})

test('R10.12 a value is new where neither side has had it, once, whatever its line and its wrapping', () => {
  const known = [secret('known-value', 7)]
  const found = [secret('known-value', 2), secret('known-\nvalue', 3), secret('other', 4), secret('other', 5)]
  expect(newSecrets(found, known)).toEqual([secret('other', 4)])
  expect(newSecrets([{ ...secret('known-value'), rule: 'gitlab' }], known)).toHaveLength(1)
})

test('R10.12 what is told names rule, line and masked value, and of many the first', () => {
  const many = Array.from({ length: 7 }, (_, index) =>
    maskedSecret(secret(`value-number-${index}-of-many`, index + 1)),
  )
  const { message } = secretProblem('data/a.md', many)
  expect(message).toContain('GitHub token in line 1: valu… (22 characters); GitHub token in line 2')
  expect(message).toContain('; 2 more. Take it out')
  expect(message).not.toContain('value-number')
})
