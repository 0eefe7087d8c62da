/** What neither a page nor anybody who pretends to be one may do. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ForgedSender } from '../../electron-stand-in/control-protocol.ts'
import { eventually } from '../../support/eventually.ts'
import { Desktop } from './desktop.ts'

const CHANNEL = 'lockstep:connect'

let desktop: Desktop
let page: Page

beforeAll(async () => {
  desktop = new Desktop()
  page = await desktop.open()
  // What is refused here, Chromium complains of.
  desktop.expected.push(/./)
})
afterAll(() => desktop.close())

/** Until the app has refused it; the page is still the same one. */
async function refused(what: string, url: RegExp): Promise<void> {
  await desktop.app.until(
    ({ refusals }) => refusals.some(each => each.what === what && url.test(each.url)),
    `the ${what} to ${url.source} to be refused`,
  )
  expect(await page.evaluate(() => Reflect.get(window, 'mark'))).toBe('the same page')
  expect((await desktop.app.view()).windows).toHaveLength(1)
}

beforeAll(() => page.evaluate(() => Reflect.set(window, 'mark', 'the same page')))

test.each([
  ['an embedded frame', { from: 'embedded-frame', ports: 1 }, 'embedded frame'],
  ['a frame that is gone', { from: 'frame-that-is-gone', ports: 1 }, 'frame is gone'],
  ['another page', { from: 'other-page', ports: 1 }, 'not come from our window'],
  ['another origin', { from: 'other-origin', ports: 1 }, 'evil.invalid'],
  ['our page with two ports', { from: 'own-page', ports: 2 }, '2 ports'],
] as const)('%s gets no connection, and its ports are closed', async (_name, sender, reason) => {
  const message: ForgedSender = { channel: CHANNEL, ...sender }
  expect(await desktop.app.forge(message)).toBe(sender.ports)
  expect(desktop.log()).toContain(reason)
})

test('the same message of our own page is taken', async () => {
  expect(await desktop.app.forge({ channel: CHANNEL, from: 'own-page', ports: 1 })).toBe(0)
})

test('a port through which something else than a request comes is closed', async () => {
  const isClosed = await page.evaluate(
    channel =>
      new Promise<boolean>(resolve => {
        const { port1, port2 } = new MessageChannel()
        port1.addEventListener('close', () => resolve(true))
        port1.start()
        window.postMessage(channel, location.origin, [port2])
        port1.postMessage({ nothing: 'that is a request' })
      }),
    CHANNEL,
  )
  expect(isClosed).toBe(true)
})

test('the page has no part of Node or Electron but the sign that it is in the app', async () => {
  const found = await page.evaluate(() => ({
    names: ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter(
      name => name in window,
    ),
    sign: JSON.stringify(Reflect.get(window, 'lockstep')),
    isFixed: !Reflect.set(window, 'lockstep', {}) && !Reflect.deleteProperty(window, 'lockstep'),
    isFrozen: Object.isFrozen(Reflect.get(window, 'lockstep')),
  }))
  expect(found).toEqual({ names: [], sign: '{"shell":"electron"}', isFixed: true, isFrozen: true })
})

test.each([
  ['https://evil.invalid/'],
  ['http://127.0.0.1:9/'],
  ['app://other/index.html'],
  ['file:///etc/passwd'],
])('the page does not go to %s', async url => {
  await page.evaluate(to => {
    location.href = to
  }, url)
  // Chromium itself lets no page open a file.
  if (!url.startsWith('file:')) await refused('navigation', new RegExp(`^${url.slice(0, 12)}`))
  expect(await page.evaluate(() => location.host)).toMatch(/^lockstep\./)
})

test('a form, a link to a new window and window.open lead nowhere', async () => {
  await page.evaluate(() => void window.open('https://evil.invalid/opened'))
  await refused('window', /opened/)
  await page.evaluate(() => {
    const link = document.createElement('a')
    Object.assign(link, { href: 'https://evil.invalid/linked', target: '_blank' })
    document.body.append(link)
    link.click()
    link.remove()
  })
  await refused('window', /linked/)
  // A form is sent, and refused, a moment after it was asked to be.
  const directive = await page.evaluate(
    () =>
      new Promise<string>(resolve => {
        document.addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective), {
          once: true,
        })
        const form = document.createElement('form')
        Object.assign(form, { action: 'https://evil.invalid/sent', method: 'post' })
        document.body.append(form)
        form.submit()
        form.remove()
      }),
  )
  expect(directive).toBe('form-action')
  await eventually(() => page.context().pages().length).toBe(1)
  expect((await desktop.app.view()).networkRequests).toEqual([])
})

test('its policy keeps out scripts in the page, frames, and every other address', async () => {
  await page.evaluate(async () => {
    const directives = new Set<string>()
    Reflect.set(window, 'violated', directives)
    document.addEventListener('securitypolicyviolation', event => directives.add(event.effectiveDirective))
    const script = document.createElement('script')
    script.textContent = 'window.mark = "another"'
    const frame = document.createElement('iframe')
    frame.src = 'https://evil.invalid/'
    const style = document.createElement('style')
    style.textContent = 'body { color: red }'
    const image = document.createElement('img')
    image.src = 'https://evil.invalid/image.png'
    document.body.append(script, frame, style, image)
    await fetch('https://evil.invalid/').catch(() => {})
    try {
      void new WebSocket('wss://evil.invalid/')
    } catch {
      // Refused at once.
    }
  })
  const violated = () => page.evaluate(() => [...(Reflect.get(window, 'violated') as Set<string>)].sort())
  await eventually(violated).toEqual([
    'connect-src',
    'frame-src',
    'img-src',
    'script-src-elem',
    'style-src-elem',
  ])
  expect(await page.evaluate(() => Reflect.get(window, 'mark'))).toBe('the same page')
  expect((await desktop.app.view()).networkRequests).toEqual([])
})

test.each([
  '/..%2f..%2fpackage.json',
  '/%2e%2e/%2e%2e/package.json',
  '/../../package.json',
  '/assets/..%2f..%2fmain/index.js',
  '/assets/../../main/index.js',
  '/%5c..%5c..%5cpackage.json',
  '/%2fetc%2fpasswd',
  '//etc/passwd',
  '/etc/passwd',
  '/..%252f..%252fpackage.json',
  '/index.html%00.png',
  '/assets',
  '/assets/',
  '/main/index.js',
  '/%',
])('app://lockstep%s is no page', async path => {
  const { status, text, headers } = await desktop.app.request(`app://lockstep${path}`)
  expect(status, text).toBe(404)
  expect(text).not.toMatch(/"name"|root:|import/)
  expect(headers['content-security-policy']).toContain("default-src 'none'")
})

test('app:// answers with its policy, and to reading alone', async () => {
  const page = await desktop.app.request('app://lockstep/')
  expect(page.status).toBe(200)
  expect(page.text).toMatch(/<!doctype html>/i)
  const policy = page.headers['content-security-policy'] ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toMatch(/unsafe|\*|http/)
  expect(page.headers['x-content-type-options']).toBe('nosniff')
  expect((await desktop.app.request('app://lockstep/', 'POST')).status).toBe(405)
})

test.each(['app://other/', 'https://example.com/', 'http://127.0.0.1:4766/', 'file:///etc/passwd'])(
  '%s is asked of nobody',
  async url => {
    const { status } = await desktop.app.request(url)
    expect([null, 404]).toContain(status)
    expect((await desktop.app.view()).networkRequests).toEqual([])
  },
)

test('no permission is granted but to copy a text', async () => {
  const states = await page.evaluate(async () => {
    const names = [
      'geolocation',
      'notifications',
      'camera',
      'microphone',
      'midi',
      'clipboard-read',
      'clipboard-write',
    ]
    const found: Record<string, string> = {}
    for (const name of names) {
      const { state } = await navigator.permissions.query({ name: name as PermissionName })
      found[name] = state
    }
    found['asked for notifications'] = await Notification.requestPermission()
    found['asked for the place'] = await new Promise(resolve => {
      navigator.geolocation.getCurrentPosition(
        () => resolve('told'),
        error => resolve(error.code === error.PERMISSION_DENIED ? 'denied' : 'unknown'),
      )
    })
    return found
  })
  expect(states).toEqual({
    geolocation: 'denied',
    notifications: 'denied',
    camera: 'denied',
    microphone: 'denied',
    midi: 'denied',
    'clipboard-read': 'denied',
    'clipboard-write': 'granted',
    'asked for notifications': 'denied',
    'asked for the place': 'denied',
  })
})

test('nothing is downloaded', async () => {
  await page.evaluate(() => {
    const link = document.createElement('a')
    Object.assign(link, { href: '/index.html', download: 'copy.html' })
    document.body.append(link)
    link.click()
    link.remove()
  })
  await refused('download', /index\.html$/)
})
