/** What needs a person, decided through the contract: conflicts, holds, rules, earlier versions. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConflictDetail, Take } from '../../src/contract/conflicts.ts'
import type { RulesEdit } from '../../src/contract/rules.ts'
import type { Daemon } from '../../src/daemon/serve.ts'
import { until } from '../support/until.ts'
import { Browser, Ground } from './daemon.ts'

let ground: Ground
let daemon: Daemon
let browser: Browser
let a: string
let b: string
let pathA: string
let pathB: string

beforeEach(async () => {
  ground = new Ground()
  daemon = await ground.start()
  browser = await Browser.enter(daemon)
  await browser.follow()
  const env = `FILE_SYNC_SQLITE_PATH=${join(ground.folder, 'shared.db')}\nFILE_SYNC_APP_ID=app\n`
  pathA = ground.project('a', {}, env)
  pathB = ground.project('b', {}, env)
  a = (await browser.client.folders.add({ path: pathA })).id
  b = (await browser.client.folders.add({ path: pathB })).id
  await browser.inStep(a)
  await browser.inStep(b)
})
afterEach(async () => {
  await browser.close()
  await daemon.close()
  ground.dispose()
})

/** Both folders change one file of the same base; the conflict is found in `a`. */
async function conflict(path: string, base: string, mine: string, theirs: string): Promise<ConflictDetail> {
  const before = browser.folder(a).conflicts
  writeFileSync(join(pathA, path), base)
  await until(() => read(join(pathB, path)) === base, 'the base in the other folder')
  await browser.inStep(a)
  await browser.client.folders.pause({ id: a })
  writeFileSync(join(pathA, path), mine)
  writeFileSync(join(pathB, path), theirs)
  await until(
    () => browser.folder(b).lastChange?.path === path && browser.folder(b).lastChange?.action === 'push',
    'the push',
  )
  await browser.inStep(b)
  await browser.client.folders.resume({ id: a })
  await until(() => browser.folder(a).conflicts === before + 1, 'the conflict')
  return browser.client.conflicts.get({ folderId: a, path, channel: 'shared' })
}

function one(detail: ConflictDetail) {
  return { folderId: detail.folderId, path: detail.path, channel: detail.channel, token: detail.token }
}

describe('R6: a conflict', () => {
  test('is shown with all sides, and resolved by taking the other one', async () => {
    const detail = await conflict('data/n.md', 'one\n', 'mine\n', 'theirs\n')
    expect(detail).toMatchObject({
      folderName: 'a',
      kind: 'text',
      base: { body: { text: 'one\n' } },
      local: { body: { text: 'mine\n' }, by: browser.state.device },
      remote: { body: { text: 'theirs\n' }, by: 'another device or program' },
    })
    const { rows, total } = await browser.client.conflicts.list({ folderId: null })
    expect([total, rows[0]?.path]).toEqual([1, 'data/n.md'])
    await browser.client.conflicts.resolve({ ...one(detail), choice: { take: 'remote' } })
    await until(() => read(join(pathA, 'data/n.md')) === 'theirs\n', 'the other version')
    await until(() => browser.folder(a).conflicts === 0, 'the end of the conflict')
    await expect(browser.client.conflicts.get(one(detail))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('of JSON is resolved by a side for each place in doubt, with the rest merged', async () => {
    const json = (x: number, mine: number, theirs: number) =>
      `${JSON.stringify({ x, mine, theirs }, null, 2)}\n`
    const detail = await conflict('data/s.json', json(0, 0, 0), json(1, 1, 0), json(2, 0, 2))
    expect(detail.kind).toBe('json')
    expect(detail.doubts).toEqual([
      expect.objectContaining({ pointer: 'x', base: '0', local: '1', remote: '2' }),
    ])
    expect(detail.merged).toBe(json(1, 1, 2))
    const choices: Take = { take: 'choices', choices: [{ pointer: 'x', side: 'remote' }] }
    await expect(
      browser.client.conflicts.resolve({ ...one(detail), choice: { take: 'choices', choices: [] } }),
    ).rejects.toMatchObject({ code: 'REFUSED', data: { code: 'choice-missing' } })
    await browser.client.conflicts.resolve({ ...one(detail), choice: choices })
    await until(
      () =>
        read(join(pathA, 'data/s.json')) === json(2, 1, 2) &&
        read(join(pathB, 'data/s.json')) === json(2, 1, 2),
      'the merge on both sides',
    )
  })

  test('that has changed meanwhile is not overwritten: the new one is shown', async () => {
    const detail = await conflict('data/n.md', 'one\n', 'mine\n', 'theirs\n')
    writeFileSync(join(pathA, 'data/n.md'), 'mine, once more\n')
    const stale = browser.client.conflicts.resolve({
      ...one(detail),
      choice: { take: 'content', content: 'both\n' },
    })
    await expect(stale).rejects.toMatchObject({
      code: 'STALE',
      data: { detail: { local: { body: { text: 'mine, once more\n' } } } },
    })
    expect(read(join(pathA, 'data/n.md'))).toBe('mine, once more\n')
    const again = await browser.client.conflicts.get(one(detail))
    await browser.client.conflicts.resolve({ ...one(again), choice: { take: 'content', content: 'both\n' } })
    await until(() => read(join(pathB, 'data/n.md')) === 'both\n', 'the edited version on the other side')
  })

  test('is resolved together with all that are like it', async () => {
    await conflict('data/one.md', '1\n', 'mine\n', 'theirs\n')
    const second = await conflict('data/two.md', '1\n', 'mine\n', 'theirs\n')
    const other = await conflict('data/s.json', '{"x":0}\n', '{"x":1}\n', '{"x":2}\n')
    expect((await browser.client.conflicts.get(one(second))).alike.count).toBe(1)
    const outcome = await browser.client.conflicts.resolveAlike({ ...one(second), take: 'local' })
    expect(outcome).toEqual({ resolved: 2, changed: 0, failed: [] })
    await until(() => browser.folder(a).conflicts === 1, 'the two to end')
    expect((await browser.client.conflicts.list({ folderId: a })).rows[0]?.path).toBe(other.path)
    await until(
      () => read(join(pathB, 'data/one.md')) === 'mine\n' && read(join(pathB, 'data/two.md')) === 'mine\n',
      'my versions on the other side',
    )
  })
})

describe('R8: held deletes', () => {
  async function hold(): Promise<void> {
    for (let n = 0; n < 25; n++) writeFileSync(join(pathA, `data/h${n}.md`), `${n}\n`)
    await until(() => browser.folder(b).files === 25, 'the files in the other folder')
    await browser.inStep(a)
    for (let n = 0; n < 24; n++) rmSync(join(pathA, `data/h${n}.md`))
    await until(() => browser.folder(a).holds === 24, 'the hold')
  }

  test('are explained, and exactly those are approved', async () => {
    await hold()
    const held = await browser.client.holds.list({ folderId: a, limit: 3 })
    expect(held).toMatchObject({ total: 24, groups: [{ kind: 'delete', side: 'remote', count: 24 }] })
    expect(held.groups[0]?.message).toContain('24 files')
    expect(held.rows).toHaveLength(3)
    await expect(browser.client.holds.approve({ folderId: a, token: 'other' })).rejects.toMatchObject({
      code: 'STALE',
      data: { total: 24 },
    })
    expect(await browser.client.holds.approve({ folderId: a, token: held.token })).toEqual({
      done: 24,
      waiting: 0,
    })
    await until(
      () => browser.folder(b).files === 1 || browser.folder(b).holds > 0,
      'the deletes on the other side',
    )
    const { rows } = await browser.client.activity.list({ folderId: a, kinds: ['approved'] })
    expect(rows[0]).toMatchObject({ author: 'person' })
  })

  test('are restored', async () => {
    await hold()
    const { token } = await browser.client.holds.list({ folderId: a })
    await browser.client.holds.restore({ folderId: a, token })
    await until(() => read(join(pathA, 'data/h0.md')) === '0\n', 'the files to be back')
    await browser.inStep(a)
    expect(browser.folder(b).files).toBe(25)
  })
})

describe('rules', () => {
  test('are changed after their effect was shown', async () => {
    writeFileSync(join(pathA, 'data/a.md'), 'a\n')
    writeFileSync(join(pathA, 'data/b.txt'), 'b\n')
    writeFileSync(join(pathA, 'data/c.json'), '{}\n')
    await until(() => browser.folder(a).files === 2, 'two files')
    await browser.inStep(a)
    const { token, shared } = await browser.client.rules.get({ folderId: a })
    expect(shared.map(({ pattern }) => pattern)).toEqual(['data/**/*.md', 'data/**/*.json'])
    const edit: RulesEdit = {
      edit: 'patterns',
      patterns: { shared: ['data/**/*.md', 'data/**/*.txt'], private: [] },
    }
    const effect = await browser.client.rules.previewChange({ folderId: a, edit, token })
    expect(effect).toMatchObject({
      fault: null,
      starts: { total: 1, paths: ['data/b.txt'] },
      stops: { total: 1, paths: ['data/c.json'] },
      becomesPrivate: { total: 0 },
    })
    await browser.client.rules.save({ folderId: a, edit, token })
    expect(readFileSync(join(pathA, 'data/sync-config.json'), 'utf8')).toBe(
      '{ "syncFilePatterns": ["data/**/*.md", "data/**/*.txt"] }\n',
    )
    await until(() => browser.folder(a).files === 2 && browser.folder(a).state === 'idle', 'the new rules')
    await until(() => browser.folder(a).lastChange?.path === 'data/b.txt', 'the new file to be pushed')
    await expect(browser.client.rules.save({ folderId: a, edit, token })).rejects.toMatchObject({
      code: 'STALE',
    })
  })

  test('a pattern at fault is named', async () => {
    const { token } = await browser.client.rules.get({ folderId: a })
    const edit: RulesEdit = { edit: 'patterns', patterns: { shared: ['data/**', '[x'], private: [] } }
    const { fault } = await browser.client.rules.previewChange({ folderId: a, edit, token })
    expect(fault).toMatchObject({ list: 'shared', index: 1 })
    await expect(browser.client.rules.save({ folderId: a, edit, token })).rejects.toMatchObject({
      code: 'REFUSED',
    })
  })

  test('R10: the denylist is there to be read', async () => {
    const list = await browser.client.rules.denylist()
    expect(list.find(({ pattern }) => pattern === '.env*')).toMatchObject({ category: 'credentials' })
  })
})

describe('a file', () => {
  test('R12: is explained, whether it syncs or not', async () => {
    writeFileSync(join(pathA, 'data/a.md'), 'a\n')
    await until(() => browser.folder(a).files === 1, 'the file')
    await browser.inStep(a)
    const explain = (path: string) => browser.client.files.explain({ folderId: a, path })
    expect(await explain('data/a.md')).toMatchObject({
      state: 'in-step',
      rule: { kind: 'pattern', pattern: 'data/**/*.md', line: 1 },
      local: { size: 2 },
    })
    expect(await explain('data/x.pem')).toMatchObject({ state: 'denied', rule: { kind: 'denylist' } })
    expect(await explain('other/x.md')).toMatchObject({ state: 'unmatched' })
    expect(await explain('../x.md')).toMatchObject({ state: 'refused' })
  })

  test('R1: has a history, which shows and brings back what was there', async () => {
    const path = 'data/a.md'
    writeFileSync(join(pathA, path), 'first\n')
    await until(() => read(join(pathB, path)) === 'first\n', 'the first version')
    writeFileSync(join(pathB, path), 'second\n')
    await until(() => read(join(pathA, path)) === 'second\n', 'the second version')
    const { versions, total } = await browser.client.files.history({ folderId: a, path })
    expect(total).toBe(1)
    const { version } = versions[0]!
    const { body } = await browser.client.files.historyContent({ folderId: a, path, version })
    expect(body).toEqual({ kind: 'text', text: 'first\n', size: 6 })
    expect(await browser.client.files.content({ folderId: a, path })).toMatchObject({
      body: { text: 'second\n' },
    })
    expect(await browser.client.files.restore({ folderId: a, path, version })).toEqual({ replaced: true })
    await until(() => read(join(pathB, path)) === 'first\n', 'the first version on the other side')
    await expect(
      browser.client.files.historyContent({ folderId: a, path, version: 999 }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('R11: nothing outside of the folder, and nothing denied, is ever shown or opened', async () => {
    ground.write('a/data/key.pem', 'secret')
    const paths = ['../secret.txt', '/etc/passwd', 'data/../../secret.txt', 'data\\..\\x', 'data/\u0000']
    for (const path of paths) {
      await expect(browser.client.files.content({ folderId: a, path })).rejects.toMatchObject({
        code: 'REFUSED',
      })
      await expect(browser.client.shell.open({ folderId: a, path })).rejects.toMatchObject({
        code: 'REFUSED',
      })
    }
    await expect(browser.client.files.content({ folderId: a, path: 'data/key.pem' })).rejects.toMatchObject({
      code: 'REFUSED',
      data: { code: 'denied' },
    })
    expect(await browser.client.files.content({ folderId: a, path: 'data/none.md' })).toEqual({ body: null })
  })
})

test('diagnostics and logs tell of states, and of no secret', async () => {
  writeFileSync(
    join(pathA, '.env'),
    `${readFileSync(join(pathA, '.env'), 'utf8')}SUPABASE_PASSWORD=hunter2\n`,
  )
  const { text } = await browser.client.shell.diagnostics()
  expect(text).toContain('backend drizzle')
  expect(text).not.toContain('hunter2')
  const { lines, file } = await browser.client.shell.logs({ lines: 50 })
  expect(lines.length).toBeGreaterThan(0)
  const log = readFileSync(file, 'utf8')
  expect(log).not.toContain(new URL(daemon.url).hash.slice('#token='.length))
  expect((await browser.client.shell.about()).version).toMatch(/^\d/)
})

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
