/** `lockstep serve` as a process: found by a second one, killed and back, ended, installed. */
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { installUnit } from '../../src/daemon/systemd-unit.ts'
import { Engine, exitOf, type Outcome, runCommand, start } from '../support/lockstep.ts'
import { until } from '../support/until.ts'
import { Browser, Ground, passOf } from './daemon.ts'
import { FakePrograms } from './fake-programs.ts'

interface Listening {
  readonly type: string
  readonly url: string
  readonly address: string
  readonly port: number
  readonly pid: number
}

let ground: Ground
const running: Running[] = []

beforeEach(() => {
  ground = new Ground()
})
afterEach(async () => {
  for (const daemon of running.splice(0)) await daemon.stop('SIGKILL')
  ground.dispose()
})

class Running {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''

  constructor(args: readonly string[]) {
    this.child = start(['serve', '--no-open', '--json', ...args], ground.env)
    this.child.stdout!.setEncoding('utf8').on('data', (some: string) => (this.stdout += some))
    this.child.stderr!.setEncoding('utf8').on('data', (some: string) => (this.stderr += some))
    running.push(this)
  }

  async listening(): Promise<Listening> {
    await until(
      () => this.stdout.includes('\n'),
      'the daemon to listen',
      () => this.stderr,
    )
    return JSON.parse(this.stdout.split('\n')[0]!) as Listening
  }

  /** Asks it to end; its exit code. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.child.kill(signal)
    return exitOf(this.child, 'the daemon', () => this.stderr)
  }
}

function serve(...args: readonly string[]): Promise<Outcome> {
  return runCommand(['serve', '--no-open', ...args], ground.env)
}

test('a second daemon shows the first one, and a terminated one ends well and leaves no address behind', async () => {
  const first = new Running(['--port', '0'])
  const { url, address, port, pid, type } = await first.listening()
  expect([type, address]).toEqual(['listening', `http://127.0.0.1:${port}/`])
  expect(pid).toBe(first.child.pid)
  expect(passOf(url).key).toMatch(/^[\w-]{43}$/)
  const file = join(ground.env['LOCKSTEP_HOME']!, 'running.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)

  const second = await serve('--json')
  expect(second).toMatchObject({ code: 0, json: { type: 'running', pid, url, kind: 'daemon' } })
  const inWords = await serve()
  expect(inWords.stdout).toContain(`process ${pid}`)
  expect(inWords.stdout).toContain(url)

  expect(await first.stop()).toBe(0)
  expect(existsSync(file)).toBe(false)
})

test('no program is started with a word that lets anybody in', async () => {
  const programs = new FakePrograms(ground)
  const env = { ...ground.env, PATH: programs.folder, DISPLAY: ':0' }
  const child = start(['serve', '--port', '0', '--json'], env)
  let said = ''
  child.stdout!.setEncoding('utf8').on('data', (some: string) => (said += some))
  await until(() => programs.opened().length === 1, 'the browser to be opened')
  const page = join(ground.env['LOCKSTEP_HOME']!, 'open.html')
  expect(programs.opened()).toEqual([page])
  const { url, port } = JSON.parse(said.split('\n')[0]!) as Listening
  expect(readFileSync(page, 'utf8')).toContain(url)

  // So it is with one that finds it running, and each opens another tab.
  await (await Browser.enter({ url, port })).close()
  expect(existsSync(page)).toBe(false)
  expect((await runCommand(['serve', '--json'], env)).json).toMatchObject({ type: 'running' })
  expect(programs.opened()).toEqual([page, page])
  const next = /http:[^"]*/.exec(readFileSync(page, 'utf8'))?.[0] ?? ''
  expect(next).not.toBe(url)
  await (await Browser.enter({ url: next, port })).close()
  child.kill('SIGTERM')
  expect(await exitOf(child, 'lockstep serve', () => said)).toBe(0)
  expect(existsSync(page)).toBe(false)
})

test('a daemon that was killed comes back with its folders, and an open page with it', async () => {
  const path = ground.project('app', { 'data/a.md': 'a\n' })
  const first = new Running(['--port', '0'])
  const before = await first.listening()
  const browser = await Browser.enter(before)
  await browser.follow()
  const { id } = await browser.client.folders.add({ path })
  await browser.inStep(id)
  // What a page has been told of, no kill takes back.
  const told = await browser.client.activity.list({ folderId: id, kinds: ['push'] })
  expect(told.rows).toHaveLength(1)
  await first.stop('SIGKILL')
  await until(() => browser.socket.readyState === browser.socket.CLOSED, 'the page to notice')
  await browser.close()
  writeFileSync(join(path, 'data/b.md'), 'while nobody looked\n')

  const second = new Running(['--port', String(before.port)])
  const after = await second.listening()
  expect(after.url).not.toBe(before.url)
  const again = await Browser.open(after.port, [browser.welcome.later])
  await again.follow()
  expect(again.events[0]).toMatchObject({ type: 'snapshot' })
  await again.inStep(id)
  await until(() => again.folder(id).files === 2, 'the file of meanwhile')
  const { rows } = await again.client.activity.list({ folderId: id, kinds: ['push'] })
  expect(rows.map(row => row.path)).toEqual(['data/b.md', 'data/a.md'])
  await again.close()
})

test('R14: a folder that another engine keeps says who, and is taken over when that one ends', async () => {
  const path = ground.project('app', { 'data/a.md': 'a\n' })
  const watcher = await new Engine(path, ground.env).ready()
  const daemon = await new Running(['--port', '0']).listening()
  const browser = await Browser.enter(daemon)
  await browser.follow()
  const { id } = await browser.client.folders.add({ path })
  await until(() => browser.state.folders.some(({ heldBy }) => heldBy !== null), 'the holder')
  expect(browser.folder(id)).toMatchObject({
    state: 'error',
    heldBy: { pid: watcher.pid, command: 'lockstep watch' },
    problemList: [{ code: 'held-elsewhere' }],
  })
  expect(await watcher.stop()).toBe(0)
  await browser.inStep(id)
  expect(browser.folder(id).heldBy).toBeNull()
  await browser.close()
})

test('what was seen before the end is flushed', async () => {
  const path = ground.project('app')
  const first = new Running(['--port', '0'])
  const browser = await Browser.enter(await first.listening())
  await browser.follow()
  const { id } = await browser.client.folders.add({ path })
  await browser.inStep(id)
  writeFileSync(join(path, 'data/last.md'), 'last\n')
  await until(() => browser.folder(id).pending > 0 || browser.folder(id).files === 1, 'the file to be seen')
  expect(await first.stop()).toBe(0)
  await browser.close()
  const { json } = await runCommand(['plan', path, '--json'], ground.env)
  expect(json).toMatchObject({ actions: [] })
})

test('a port that is taken is an error that names it', async () => {
  const other = createServer()
  await new Promise<void>(resolve => {
    other.listen(0, '127.0.0.1', resolve)
  })
  const address = other.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  const { code, stderr, json } = await serve('--port', port, '--json')
  other.close()
  expect(code).toBe(1)
  expect(stderr).toContain(port)
  expect(json).toMatchObject({ error: { code: 'port-taken' } })
  expect((await serve('--port', 'x')).code).toBe(2)
})

test('it is installed as a systemd user unit, and removed again, saying what was done', async () => {
  const env = { ...ground.env, XDG_CONFIG_HOME: join(ground.folder, 'config'), XDG_RUNTIME_DIR: '' }
  const unit = join(ground.folder, 'config/systemd/user/lockstep.service')
  const installed = await runCommand(['serve', '--install', '--json'], env)
  expect(installed).toMatchObject({
    code: 0,
    json: { done: expect.arrayContaining([`Wrote ${unit}.`]) as unknown },
  })
  const text = readFileSync(unit, 'utf8')
  expect(text).toMatch(/^ExecStart=".*" ".*" "serve" "--no-open"$/m)
  expect(text).toContain(`Environment="LOCKSTEP_HOME=${ground.env['LOCKSTEP_HOME']}"`)
  expect(text).toContain('Restart=on-failure')
  const removed = await runCommand(['serve', '--uninstall'], env)
  expect(removed.stdout).toContain(`Removed ${unit}.`)
  expect(existsSync(unit)).toBe(false)
})

test('a unit names exactly the folders that it was made for, or is not made', async () => {
  const home = join(ground.folder, '100% $HOME "x" \\y')
  const env = { XDG_CONFIG_HOME: join(ground.folder, 'config'), XDG_RUNTIME_DIR: '' }
  const unit = join(ground.folder, 'config/systemd/user/lockstep.service')
  installUnit({ ...env, LOCKSTEP_HOME: home }, '/opt/a $b/cli.js', { startNow: false })
  const text = readFileSync(unit, 'utf8')
  // `$` is expanded in the command line alone, `%` in both.
  expect(text).toContain(`Environment="LOCKSTEP_HOME=${ground.folder}/100%% $HOME \\"x\\" \\\\y"`)
  expect(text).toContain('"/opt/a $$b/cli.js" "serve"')
  const hostile = { ...env, LOCKSTEP_HOME: '/tmp/x"\nExecStartPre=/bin/sh' }
  expect(() => installUnit(hostile, '/opt/cli.js', { startNow: false })).toThrow('control character')
  expect(readFileSync(unit, 'utf8')).toBe(text)
})

test('in a journal the address stands without its token', async () => {
  const child = start(['serve', '--no-open', '--port', '0'], { ...ground.env, JOURNAL_STREAM: '8:1' })
  let said = ''
  child.stdout!.setEncoding('utf8').on('data', (some: string) => (said += some))
  await until(() => said.includes('127.0.0.1'), 'the address')
  child.kill('SIGTERM')
  expect(await exitOf(child, 'lockstep serve', () => said)).toBe(0)
  expect(said).not.toContain('token')
})
