import { expect, test } from 'vitest'
import { isSafeFeed } from './update-feed.ts'

test.each([
  [
    'provider: generic\nurl: https://downloads.invalid/lockstep\nupdaterCacheDirName: lockstep-updater\n',
    true,
  ],
  ["provider: generic\nurl: 'https://downloads.invalid/lockstep'\n", true],
  ['provider: generic\nurl: http://downloads.invalid/lockstep\n', false],
  ['provider: generic\nurl: "http://downloads.invalid/https://"\n', false],
  ['provider: generic\nurl: file:///tmp/lockstep\n', false],
  ['url: https://downloads.invalid/\nurl: http://downloads.invalid/\n', false],
  ['provider: generic\nurl: downloads.invalid\n', false],
  ['provider: generic\n', false],
  ['', false],
])('new versions come over https or not at all: %j', (text, isSafe) => {
  expect(isSafeFeed(text)).toBe(isSafe)
})
