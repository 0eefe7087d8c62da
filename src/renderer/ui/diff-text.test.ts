import { expect, it } from 'vitest'
import { diffLines } from './diff-text.ts'

const signs = { same: ' ', add: '+', remove: '-', gap: '…' } as const
const shown = (before: string, after: string) =>
  diffLines(before, after).map(({ kind, text }) => `${signs[kind]}${text}`)

it('shows the lines that go and come with three around them', () => {
  const text = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].join('\n')
  expect(shown(text, text.replace('5', 'five'))).toEqual([
    '…',
    ' 2',
    ' 3',
    ' 4',
    '-5',
    '+five',
    ' 6',
    ' 7',
    ' 8',
    '…',
  ])
})

it('counts the lines of both sides', () => {
  expect(diffLines('a\nb\n', 'a\nx\nb\n').map(line => [line.kind, line.before, line.after])).toEqual([
    ['same', 1, 1],
    ['add', null, 2],
    ['same', 2, 3],
  ])
})

it('shows a text that appears or ends', () => {
  expect(shown('', 'a\nb\n')).toEqual(['+a', '+b'])
  expect(shown('a\nb\n', '')).toEqual(['-a', '-b'])
  expect(shown('a\nb\n', 'a\n')).toEqual([' a', '-b'])
  expect(shown('a\n', 'a\n\n')).toEqual([' a', '+'])
})

it('shows that the last line gets an end, or loses it', () => {
  expect(shown('a\nb', 'a\nb\n')).toEqual([' a', '-b', '+b', '+'])
  expect(shown('a\n', 'a')).toEqual(['-a', '-', '+a'])
})
