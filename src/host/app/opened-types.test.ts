import { expect, test } from 'vitest'
import { isOpened } from './opened-types.ts'

test.each(['/p/data/a.json', '/p/data/NOTES.MD', '/p/data/x.tar.csv', '/p/data/photo.JPEG'])(
  '%s is opened',
  path => {
    expect(isOpened(path, false)).toBe(true)
  },
)

test.each([
  '/p/data/setup.exe',
  '/p/data/run.bat',
  '/p/data/a.json.js',
  '/p/data/start.desktop',
  '/p/data/install.sh',
  '/p/data/page.html',
  '/p/data/logo.svg',
  '/p/data/script',
  '/p/data/.json',
])('%s is only shown', path => {
  expect(isOpened(path, false)).toBe(false)
})

test('folders are opened, but none that macOS would run', () => {
  expect(isOpened('/home/me/site.com', true)).toBe(true)
  expect(isOpened('/home/me/mail-agent', true)).toBe(true)
  expect(isOpened('/home/me/data/Evil.app', true)).toBe(false)
})
