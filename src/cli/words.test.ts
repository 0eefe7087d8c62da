import { expect, test } from 'vitest'
import { reasonInWords, sentenceInWords } from './words.ts'

test.each([
  ['remote-new', 'new in the database'],
  ['held: mass-change', 'held: nearly all files were changed at once'],
  ['by hand: content', 'a version that was put together was chosen'],
  ['foreign-id', 'a record of another form'],
  ['equal on both sides', 'equal on both sides'],
  ['something-new', 'something-new'],
])('R12 the reason %s reads: %s', (reason, words) => {
  expect(reasonInWords(reason)).toBe(words)
})

test.each([
  ['push (local-new)', 'send (new here)'],
  ['The next sync will pull it (remote-edit).', 'The next sync will receive it (edited elsewhere).'],
  ['Its delete is held (mass-delete) until …', 'Its delete is held (many files are gone at once) until …'],
  ['No pattern (of yours) matches it.', 'No pattern (of yours) matches it.'],
])('R12 %s reads: %s', (sentence, words) => {
  expect(sentenceInWords(sentence)).toBe(words)
})
