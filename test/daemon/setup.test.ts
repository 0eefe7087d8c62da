/** First run and the backend's settings, as the page goes through them: nothing is written before the person says so. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BackendDraft, TestEvent } from '../../src/contract/backend.ts'
import type { Daemon } from '../../src/daemon/serve.ts'
import { until } from '../support/until.ts'
import { treeOf } from '../support/tree.ts'
import { Browser, Ground } from './daemon.ts'

let ground: Ground
let daemon: Daemon
let browser: Browser

beforeEach(async () => {
  ground = new Ground()
  daemon = await ground.start()
  browser = await Browser.enter(daemon)
  await browser.follow()
})
afterEach(async () => {
  await browser.close()
  await daemon.close()
  ground.dispose()
})

const keep = { edit: 'keep' } as const
const sqlite: BackendDraft = { kind: 'drizzle', fields: {}, appId: keep, userId: keep }

describe('first run', () => {
  test('goes from a folder to in step, and writes nothing before the start', async () => {
    ground.write('app/package.json', '{ "name": "@me/my-app" }')
    ground.write('app/.env', 'API_KEY=very-secret\nFILE_SYNC_USER_ID=me\n')
    ground.write('app/data/notes/a.md', 'a\n')
    ground.write('app/data/state.json', '{}\n')
    ground.write('app/data/key.pem', 'secret')
    ground.write('app/data/photo.png', 'p')
    ground.write('app/node_modules/x/index.md', 'x')
    const path = join(ground.folder, 'app')
    const before = treeOf(ground.folder, 'app')

    const browsed = await browser.client.setup.browse({ path: ground.folder })
    expect(browsed.entries.find(({ name }) => name === 'app')).toMatchObject({
      path,
      isProject: true,
      isConfigured: false,
      isAdded: false,
    })
    expect(browsed.crumbs.at(-1)?.path).toBe(ground.folder)

    const found = await browser.client.setup.inspect({ path })
    expect(found).toMatchObject({
      path,
      name: '@me/my-app',
      appId: { value: 'my-app', fault: null },
      config: null,
      newConfigFile: 'data/sync-config.json',
      env: { exists: true, variables: ['FILE_SYNC_USER_ID'] },
      folderId: null,
    })
    expect(found.suggested.shared.sort()).toEqual(['data/**/*.json', 'data/**/*.md'])
    expect(JSON.stringify(found)).not.toContain('secret')

    const patterns = { shared: ['data/**', '!data/**/*.png', '[oops'], private: ['data/notes/**'] }
    const preview = await browser.client.setup.previewPatterns({ target: { path }, patterns })
    expect(preview.counts).toEqual({ shared: 1, private: 1, denied: 4, unmatched: 1 })
    expect(preview.shared.map(({ fault }) => fault === null)).toEqual([true, true, false])
    expect(preview.rows.map(({ path: file, kind }) => `${kind} ${file}`)).toEqual([
      'shared data/state.json',
      'private data/notes/a.md',
      'denied node_modules/',
      'denied .env',
      'denied package.json',
      'denied data/key.pem',
      'unmatched data/photo.png',
    ])
    const denied = await browser.client.setup.previewPatterns({
      target: { path },
      patterns,
      kinds: ['denied'],
      offset: 3,
      limit: 1,
    })
    expect(denied).toMatchObject({ total: 4, rows: [{ path: 'data/key.pem', size: 6 }] })

    const chosen = { shared: found.suggested.shared, private: [] }
    const plan = await browser.client.plan.preview({ target: { path }, patterns: chosen, backend: sqlite })
    expect(plan.counts).toMatchObject({ push: 2, pull: 0, conflict: 0 })
    expect(existsSync(':memory:'), 'it leaves nothing in the working directory').toBe(false)
    expect(plan.rows.map(row => row.path)).toEqual(['data/notes/a.md', 'data/state.json'])
    const page = await browser.client.plan.preview({
      target: { path },
      planId: plan.planId,
      actions: ['push'],
      offset: 1,
      limit: 1,
    })
    expect(page).toMatchObject({ total: 2, rows: [{ path: 'data/state.json' }] })

    const draft = { path, patterns: chosen, backend: sqlite }
    const { files, token } = await browser.client.setup.previewStart(draft)
    expect(files.map(({ file, kind }) => [file, kind])).toEqual([
      ['data/sync-config.json', 'created'],
      ['.env', 'unchanged'],
    ])
    expect(treeOf(ground.folder, 'app')).toEqual(before)

    const { id } = await browser.client.setup.start({ ...draft, token })
    await browser.inStep(id)
    expect(browser.folder(id)).toMatchObject({ name: '@me/my-app', files: 2, backend: { appId: 'my-app' } })
    expect(readFileSync(join(path, '.env'), 'utf8')).toBe('API_KEY=very-secret\nFILE_SYNC_USER_ID=me\n')
  })

  test('a start after something has changed is stale, and writes nothing', async () => {
    ground.write('app/package.json', '{ "name": "app" }')
    const path = join(ground.folder, 'app')
    const draft = { path, patterns: { shared: ['data/**'], private: [] }, backend: sqlite }
    const { token } = await browser.client.setup.previewStart(draft)
    ground.write('app/.env', 'NEW=1\n')
    await expect(browser.client.setup.start({ ...draft, token })).rejects.toMatchObject({ code: 'STALE' })
    expect(existsSync(join(path, 'data'))).toBe(false)
    expect(browser.state.folders).toEqual([])
  })

  test('a folder that cannot sync as it would be is refused with the variable to change', async () => {
    ground.write('app/package.json', '{ "name": "app" }')
    const draft = {
      path: join(ground.folder, 'app'),
      patterns: { shared: ['data/**'], private: [] },
      backend: { ...sqlite, kind: 'supabase' as const },
    }
    await expect(browser.client.setup.previewStart(draft)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('SUPABASE_URL') as unknown,
    })
  })

  test('a sample project is made, added and in step with one click', async () => {
    mkdirSync(join(ground.folder, 'place'))
    const { id, path } = await browser.client.setup.sample({ parent: join(ground.folder, 'place') })
    await browser.inStep(id)
    expect(browser.folder(id)).toMatchObject({ isSample: true, files: 4, conflicts: 0, problems: 0 })
    expect(existsSync(join(path, 'data/sync.db'))).toBe(true)
    const second = await browser.client.setup.sample({ parent: join(ground.folder, 'place') })
    expect(second.path).not.toBe(path)
    await browser.inStep(second.id)
  })
})

describe('the backend', () => {
  test('is described with forms for all five', async () => {
    const backends = await browser.client.backend.describe()
    expect(backends.map(({ kind }) => kind)).toEqual(['drizzle', 'firestore', 'supabase', 'convex', 'custom'])
    for (const { goodFor, fields } of backends) {
      expect(goodFor).not.toBe('')
      expect(fields.length).toBeGreaterThan(0)
    }
    const supabase = backends.find(({ kind }) => kind === 'supabase')
    expect(JSON.stringify(supabase?.setup)).toContain('create table if not exists public.files')
  })

  test('shows of secrets that they are set, and nothing more', async () => {
    const path = ground.project(
      'app',
      {},
      'SUPABASE_URL=https://abc.supabase.co\nSUPABASE_PUBLISHABLE_KEY=sb_publishable_123\nSUPABASE_PASSWORD=\n',
    )
    const values = await browser.client.backend.values({ target: { path } })
    expect(JSON.stringify(values)).not.toContain('sb_publishable')
    const of = (name: string) => values.fields.find(({ variable }) => variable === name)
    expect(of('SUPABASE_URL')).toMatchObject({ value: 'https://abc.supabase.co', source: 'env-file' })
    expect(of('SUPABASE_PUBLISHABLE_KEY')).toMatchObject({ value: null, isSet: true })
    expect(of('SUPABASE_PASSWORD')).toMatchObject({ value: null, isSet: false, source: 'none' })
    expect(values).toMatchObject({ kind: 'drizzle', effectiveAppId: 'app' })
  })

  test('is tested step by step before it is saved', async () => {
    const path = ground.project('app')
    const { id } = await browser.client.folders.add({ path })
    await browser.inStep(id)
    const draft: BackendDraft = {
      ...sqlite,
      fields: { FILE_SYNC_SQLITE_PATH: { edit: 'set', value: join(ground.folder, 'other.db') } },
    }
    const events: TestEvent[] = []
    for await (const event of await browser.client.backend.test({ target: { folderId: id }, draft })) {
      events.push(event)
    }
    expect(events[0]).toMatchObject({ type: 'start' })
    expect(events.filter(({ type }) => type === 'step').length).toBeGreaterThan(3)
    expect(events.at(-1)).toMatchObject({ type: 'done', ok: true })

    const missing: BackendDraft = {
      ...sqlite,
      fields: { FILE_SYNC_SQLITE_PATH: { edit: 'set', value: join(ground.folder, 'nowhere/at/all.db') } },
    }
    const failed: TestEvent[] = []
    for await (const event of await browser.client.backend.test({ target: { path }, draft: missing })) {
      failed.push(event)
    }
    expect(failed.at(-1)).toMatchObject({ type: 'done', ok: false })
    const step = failed.find(event => event.type === 'step' && event.step.status === 'failed')
    expect(step).toMatchObject({ step: { advice: expect.any(String) as unknown } })
  })

  test('R4: another database is shown exactly, saved byte for byte, and starts without a base', async () => {
    const env = '# mine\r\nexport FILE_SYNC_SQLITE_PATH="data/first.db" # here\r\nOTHER=\'1\'\r\nOTHER=2'
    const path = ground.project('app', { 'data/a.md': 'a\n' }, env)
    const config = '{\r\n\t"syncFilePatterns" : [ "data/**/*.md" ],\r\n\t"mine": {"x" :1}}'
    writeFileSync(join(path, 'data/sync-config.json'), config)
    const { id } = await browser.client.folders.add({ path })
    await browser.inStep(id)
    const target = { folderId: id }
    const draft: BackendDraft = {
      ...sqlite,
      fields: { FILE_SYNC_SQLITE_PATH: { edit: 'set', value: 'data/second.db' } },
    }
    const preview = await browser.client.backend.previewSave({ target, draft })
    expect(preview.isOtherDatabase).toBe(true)
    expect(preview.effects.join(' ')).toContain('nothing is deleted')
    const [configDiff, envDiff] = preview.files
    expect(configDiff).toMatchObject({ file: 'data/sync-config.json', kind: 'unchanged', lines: [] })
    expect(
      envDiff?.lines.filter(({ kind }) => kind !== 'same').map(({ kind, text }) => [kind, text]),
    ).toEqual([
      ['remove', 'export FILE_SYNC_SQLITE_PATH="data/first.db" # ••••••'],
      ['add', 'export FILE_SYNC_SQLITE_PATH="data/second.db" # ••••••'],
    ])
    expect(envDiff?.lines.find(({ before }) => before === 3)?.text).toBe('OTHER=••••••')

    await browser.client.backend.save({ target, draft, token: preview.token })
    expect(readFileSync(join(path, '.env'), 'utf8')).toBe(env.replace('first.db', 'second.db'))
    expect(readFileSync(join(path, 'data/sync-config.json'), 'utf8')).toBe(config)
    await until(
      () =>
        browser.folder(id).backend?.database.endsWith('second.db') === true &&
        existsSync(join(path, 'data/second.db')),
      'the other database',
    )
    await browser.inStep(id)
    expect(readFileSync(join(path, 'data/a.md'), 'utf8')).toBe('a\n')
    expect(browser.folder(id).conflicts).toBe(0)
  })

  test('a save after the file has changed is stale, with a new preview, and writes nothing', async () => {
    const path = ground.project('app', {}, 'A=1\n')
    const draft: BackendDraft = { ...sqlite, userId: { edit: 'set', value: 'me' } }
    const target = { path }
    const { token } = await browser.client.backend.previewSave({ target, draft })
    writeFileSync(join(path, '.env'), 'A=2\n')
    await expect(browser.client.backend.save({ target, draft, token })).rejects.toMatchObject({
      code: 'STALE',
      data: { preview: { files: expect.any(Array) as unknown } },
    })
    expect(readFileSync(join(path, '.env'), 'utf8')).toBe('A=2\n')
  })

  test('a custom adapter is run only once somebody has agreed to exactly its code', async () => {
    const path = ground.project('app', { 'data/a.md': 'a\n' })
    const code = 'globalThis.ran = true\nexport default () => ({})\n'
    ground.write('app/adapter.mjs', code)
    writeFileSync(join(path, '.env'), 'FILE_SYNC_BACKEND=custom\nFILE_SYNC_ADAPTER=adapter.mjs\n')
    const { id } = await browser.client.folders.add({ path })
    await until(
      () => browser.state.folders.some(folder => folder.id === id && folder.untrusted !== null),
      'the question whether to trust it',
    )
    const { untrusted } = browser.folder(id)
    expect(untrusted).toMatchObject({
      path: join(path, 'adapter.mjs'),
      hash: createHash('sha256').update(code).digest('hex'),
    })
    expect('ran' in globalThis).toBe(false)
    ground.write('app/adapter.mjs', `${code}// changed\n`)
    await expect(browser.client.folders.trustAdapter({ id, code: untrusted! })).rejects.toMatchObject({
      code: 'REFUSED',
      data: { code: 'changed' },
    })
  })
})

test('nothing that is previewed leaves a trace in LOCKSTEP_HOME’s folders', async () => {
  ground.write('app/package.json', '{ "name": "app" }')
  ground.write('app/data/a.md', 'a')
  const target = { path: join(ground.folder, 'app') }
  await browser.client.plan.preview({
    target,
    patterns: { shared: ['data/**'], private: [] },
    backend: sqlite,
  })
  const folders = join(ground.folder, 'home/folders')
  const left = existsSync(folders)
    ? readdirSync(folders, { recursive: true }).filter(name => statSync(join(folders, String(name))).isFile())
    : []
  expect(left).toEqual([])
})
