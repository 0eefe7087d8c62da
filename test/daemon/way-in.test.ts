/** A browser is started so that nobody who reads the list of processes comes in. Linux: what xdg-open is given. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openInBrowser } from '../../src/daemon/desktop.ts'
import type { Daemon } from '../../src/daemon/serve.ts'
import { wayIn } from '../../src/host/app/way-in.ts'
import { until } from '../support/until.ts'
import { Browser, Ground, passOf } from './daemon.ts'
import { type FakeDesktop, FakePrograms } from './fake-programs.ts'

let ground: Ground
let daemon: Daemon
let home: string

beforeEach(async () => {
  ground = new Ground()
  daemon = await ground.start()
  home = ground.env['LOCKSTEP_HOME']!
})
afterEach(async () => {
  await daemon.close()
  ground.dispose()
})

/** What the browser is started with. */
async function opened(desktop: FakeDesktop): Promise<string> {
  const programs = new FakePrograms(ground, desktop)
  const env = { PATH: programs.folder, XDG_DATA_HOME: programs.data, XDG_DATA_DIRS: programs.data }
  await openInBrowser({ env, home, url: daemon.url })
  await until(() => programs.opened().length > 0, 'the browser to be started')
  const given = programs.opened()
  expect(given).toHaveLength(1)
  expect(given[0]).not.toContain(passOf(daemon.url).key)
  return given[0]!
}

const firefox = { entry: 'firefox.desktop', command: '/usr/lib/firefox/firefox %u' }
const snap = {
  entry: 'firefox_firefox.desktop',
  command: 'env BAMF_DESKTOP_FILE_HINT=/var/lib/snapd/desktop/x.desktop /snap/bin/firefox %u',
}
const flatpak = {
  entry: 'org.mozilla.firefox.desktop',
  command:
    '/usr/bin/flatpak run --branch=stable --arch=x86_64 --command=firefox org.mozilla.firefox @@u %u @@',
}

test.runIf(process.platform === 'linux').each<[string, FakeDesktop]>([
  ['reads files', { browser: firefox }],
  ['is not known', {}],
])('a browser that %s gets the path of a page that leads on', async (_name, desktop) => {
  const path = await opened(desktop)
  expect(path).toBe(join(home, 'open.html'))
  const url = /url=(http:[^"]*)"/.exec(readFileSync(path, 'utf8'))?.[1] ?? ''
  expect(url).toBe(daemon.url)
  await (await Browser.enter({ port: daemon.port, url })).close()
})

test.runIf(process.platform === 'linux').each<[string, FakeDesktop]>([
  ['is a snap', { browser: snap }],
  ['is a flatpak', { browser: flatpak }],
  ['is not what opens pages of the disk', { browser: firefox, viewer: 'code.desktop' }],
])('a browser that %s gets an address that is good once', async (_name, desktop) => {
  const url = await opened(desktop)
  expect(url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${daemon.port}/#code=\\d+\\.[\\w-]{43}$`))
  await (await Browser.enter({ port: daemon.port, url })).close()
  await expect(Browser.enter({ port: daemon.port, url })).rejects.toThrow()
})

test.each([
  'http://evil.example/#token=TOKEN',
  'http://127.0.0.1:4766@evil.example/#token=TOKEN',
  'http://127.0.0.1:4766/elsewhere#token=TOKEN',
  'https://127.0.0.1:4766/#token=TOKEN',
  'http://localhost:4766/#token=TOKEN',
  'file:///etc/passwd',
  'javascript:alert(1)//http://127.0.0.1:4766/#token=TOKEN',
  'http://127.0.0.1:4766/#token=TOKEN"><script>alert(1)</script>',
  'http://127.0.0.1:4766/#token=TOKEN\n',
  '--help',
  '',
])('an address that no daemon of ours has is not opened: %s', async url => {
  const env = { PATH: '/nonexistent' }
  expect(await wayIn({ env, home, url: url.replace('TOKEN', 'x'.repeat(43)) })).toBeNull()
})

test.runIf(process.platform === 'linux')(
  'where no page can be written, an address takes its place',
  async () => {
    const env = { PATH: '/nonexistent' }
    const way = await wayIn({ env, home: join(home, 'app.lock.db'), url: daemon.url })
    expect(way).toMatchObject({ kind: 'address' })
  },
)
