/** What a person is told and can do about a file with a secret in it, by what the command line asks of a folder (R10.12, R10.13). */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { secretSample } from '../support/secret-samples.ts'
import type { Log } from '../../src/engine/ports/log.ts'
import type { SessionEvent } from '../../src/engine/status.ts'
import { Folder } from '../../src/host/folder.ts'

const SILENT: Log = { debug() {}, info() {}, error() {} }
const NOTE = 'data/note.md'
const TOKEN = secretSample()

class Desk {
  readonly top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-secrets-')))
  readonly home = join(this.top, 'home')
  readonly events: SessionEvent[] = []

  constructor() {
    mkdirSync(join(this.top, 'a/data'), { recursive: true })
    this.write('data/sync-config.json', '{"syncFilePatterns":["data/**/*.md"]}')
    this.write('package.json', '{"name":"desk"}')
  }

  write(path: string, content: string): void {
    writeFileSync(join(this.top, 'a', path), content)
  }

  async with<Result>(work: (folder: Folder, signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const env = { LOCKSTEP_HOME: this.home }
    const folder = await Folder.open({ folder: join(this.top, 'a'), env, command: 'test', log: SILENT })
    try {
      return await work(folder, new AbortController().signal)
    } finally {
      await folder.close()
    }
  }

  sync() {
    return this.with((folder, signal) => folder.sync(signal, event => this.events.push(event)))
  }

  status() {
    return this.with((folder, signal) => folder.status(signal))
  }

  approve(names: readonly string[] | null) {
    return this.with((folder, signal) => folder.decide({ decision: 'approve', names }, signal, () => {}))
  }

  [Symbol.dispose](): void {
    rmSync(this.top, { recursive: true, force: true })
  }
}

test('R10.12 plan, sync, status and explain name rule, line and masked value, and nothing that is kept has the value', async () => {
  using desk = new Desk()
  desk.write(NOTE, `# Keys\n${TOKEN}\n`)
  const told = `GitHub token in line 2: ${TOKEN.slice(0, 4)}… (40 characters)`
  const plan = await desk.with((folder, signal) => folder.plan(signal))
  expect(plan.actions).toMatchObject([{ path: NOTE, action: 'hold', reason: 'secret' }])
  expect(plan.problems).toMatchObject([{ code: 'secret', message: expect.stringContaining(told) as string }])
  const { status } = await desk.sync()
  expect(status).toMatchObject({ state: 'held', pending: 0 })
  const report = await desk.status()
  const secrets = [
    { rule: 'github', name: 'GitHub token', line: 2, masked: `${TOKEN.slice(0, 4)}… (40 characters)` },
  ]
  expect(report.holds).toMatchObject([{ path: NOTE, reason: 'secret', secrets }])
  expect(report.problemList).toMatchObject([{ code: 'secret', path: NOTE }])
  const explained = await desk.with((folder, signal) => folder.explain(NOTE, signal))
  expect(explained).toMatchObject({ state: 'held', reason: expect.stringContaining(told) as string })
  expect(JSON.stringify([plan, desk.events, report, explained])).not.toContain(TOKEN.slice(0, 6))
})

test('R10.13 what holds a secret has to be named: a yes to all that is held is none to it', async () => {
  using desk = new Desk()
  desk.write(NOTE, `${TOKEN}\n`)
  await desk.sync()
  const unnamed = await desk.approve(null)
  expect(unnamed).toMatchObject({ done: [], waiting: 0, problems: [{ code: 'content-waits' }] })
  expect((await desk.status()).holds).toHaveLength(1)
  const named = await desk.approve([NOTE])
  expect(named).toMatchObject({ done: [{ path: NOTE, side: 'remote' }], waiting: 0, problems: [] })
  expect(await desk.status()).toMatchObject({ state: 'idle', pending: 0, holds: [], problemList: [] })
  desk.write(NOTE, `edited\n${TOKEN}\n`)
  expect((await desk.sync()).status).toMatchObject({ state: 'idle', problems: 0 })
})

test('R10.13 the key that tells allowed values again is for its owner alone', async () => {
  using desk = new Desk()
  desk.write(NOTE, `${TOKEN}\n`)
  await desk.sync()
  expect(statSync(join(desk.home, 'secrets.key')).mode & 0o777).toBe(0o600)
})

test('R10.13 an excluded file is held no longer, and stays as it is', async () => {
  using desk = new Desk()
  desk.write(NOTE, `${TOKEN}\n`)
  await desk.sync()
  await desk.with(async folder => folder.exclude([NOTE]))
  expect(await desk.status()).toMatchObject({ holds: [], problemList: [] })
  expect((await desk.sync()).status).toMatchObject({ state: 'idle', problems: 0 })
  expect(readFileSync(join(desk.top, 'a', NOTE), 'utf8')).toBe(`${TOKEN}\n`)
})
