/** Where `npm start` and `npm run dev` open the desktop app, and when Electron's binary may be fetched for it. */
import { expect, test } from 'vitest'
import { whyNoDesktop } from '../../scripts/lib/electron-binary.mjs'

const good = { env: { DISPLAY: ':0' }, platform: 'linux', uid: 1_000, hasBinary: true }

test.each([
  ['X11', good],
  ['Wayland', { ...good, env: { WAYLAND_DISPLAY: 'wayland-0' } }],
  ['macOS needs no display', { ...good, env: {}, platform: 'darwin' }],
  ['Windows has no uid', { ...good, env: {}, platform: 'win32', uid: undefined }],
  ['no binary yet: it is fetched', { ...good, hasBinary: false }],
  [
    'a binary of one’s own',
    { ...good, env: { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: '/opt/electron' } },
  ],
])('the desktop app: %s', (_, machine) => {
  expect(whyNoDesktop(machine)).toBeNull()
})

test.each([
  [/no display/, { ...good, env: {} }],
  [/root/, { ...good, uid: 0 }],
  [/OVERRIDE/, { ...good, env: { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: '/gone' }, hasBinary: false }],
  [/CI/, { ...good, env: { DISPLAY: ':0', CI: 'true' }, hasBinary: false }],
  // What a binary would not change is no reason to fetch one.
  [/no display/, { ...good, env: {}, hasBinary: false }],
])('the browser, because of %s', (reason, machine) => {
  expect(whyNoDesktop(machine)).toMatch(reason)
})
