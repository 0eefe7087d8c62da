import { expect, test } from 'vitest'
import { fromHome, underHome } from './path.ts'

test.each([
  ['/home/me', '~'],
  ['/home/me/mail-agent', '~/mail-agent'],
  ['/home/me2/mail-agent', '/home/me2/mail-agent'],
  ['/mnt/home/me/x', '/mnt/home/me/x'],
  ['It answers: /home/me/a.db, not /home/me.', 'It answers: ~/a.db, not ~.'],
  ['nothing of it', 'nothing of it'],
])('%s is shown as %s', (text, shown) => {
  expect(underHome(text, '/home/me')).toBe(shown)
})

test('a home at the top is not shortened, for every path begins with it', () => {
  expect(underHome('/srv/app', '/')).toBe('/srv/app')
})

test('what is typed with a tilde means the home folder', () => {
  expect(fromHome('~', '/home/me')).toBe('/home/me')
  expect(fromHome('~/a', '/home/me')).toBe('/home/me/a')
  expect(fromHome('~other/a', '/home/me')).toBe('~other/a')
  expect(fromHome('/srv/~', '/home/me')).toBe('/srv/~')
})
