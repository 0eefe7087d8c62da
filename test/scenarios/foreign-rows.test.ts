/** Records put into the database by other programs: whatever they say, no file outside, and the rest goes on. */
import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs'
import { join, sep } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { temporaryFiles } from '../support/tree.ts'
import { until } from '../support/until.ts'
import { type Row, World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

type ForeignRow = Partial<Row> & { readonly path: string }

const LONG = 'x'.repeat(300)

/** Each with the code of the problem that says so. */
const REFUSED: readonly (readonly [what: string, row: ForeignRow, code: string])[] = [
  ['a parent', { path: '../x' }, 'unsafe-path'],
  ['a parent further in', { path: 'data/../../escaped.json' }, 'unsafe-path'],
  ['an absolute path', { path: '/etc/x' }, 'unsafe-path'],
  ['a drive', { path: 'C:/x' }, 'unsafe-path'],
  ['a backslash', { path: '..\\x' }, 'unsafe-path'],
  ['a backslash further in', { path: 'data\\..\\..\\x' }, 'unsafe-path'],
  ['a NUL', { path: 'data/nul\0.json' }, 'unsafe-path'],
  ['a line break', { path: 'data/line\nbreak.json' }, 'unsafe-path'],
  ['a name that is too long', { path: `data/${LONG}.json` }, 'unsafe-path'],
  ['an empty path', { path: '', id: 'story:' }, 'foreign-id'],
  ['a folder', { path: 'data/folder/' }, 'unsafe-path'],
  ['two slashes', { path: 'data//x.json' }, 'unsafe-path'],
  ['a denied name', { path: 'data/.env' }, 'denied'],
  ['a denied name in capitals', { path: 'data/.ENV' }, 'denied'],
  ['a denied folder', { path: 'data/.env/secret.json' }, 'denied'],
  ['a dependency', { path: 'data/node_modules/x/index.js' }, 'denied'],
  ['a conflict copy', { path: 'data/a.md.conflict' }, 'denied'],
  ['the configuration', { path: 'data/sync-config.json' }, 'denied'],
  ['a temporary name of ours', { path: 'data/_tmp-lockstep-x' }, 'denied'],
  ['a linked folder', { path: 'data/link/x.json' }, 'link'],
  ['a new folder behind a linked one', { path: 'data/link/newdir/x.json' }, 'link'],
  ['a linked file', { path: 'data/linked.json' }, 'link'],
  ['an id of another form', { path: 'data/foreign.json', id: 'b2f1c9' }, 'foreign-id'],
  ['an id of another app', { path: 'data/foreign.json', id: 'other:data/foreign.json' }, 'foreign-id'],
  ['an id of another path', { path: 'data/elsewhere.json', id: 'story:data/named.json' }, 'foreign-id'],
  ['an id of a user', { path: 'data/private.json', id: 'story@ann:data/private.json' }, 'foreign-id'],
  [
    'encoded bytes that are none',
    { path: 'data/x.bin', content: 'data:application/octet-stream;base64,*' },
    'undecodable',
  ],
]

function insideOf(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }) as string[]
  // Node follows links here.
  return names.filter(name => !name.startsWith(join('data', 'link', sep))).sort()
}

/** A world whose b has a folder and a file that are links to the outside. */
function linkedWorld(): World {
  const world = new World()
  mkdirSync(join(world.folder, 'outside'))
  world.b.write('../outside/secret.json', 'outside\n')
  symlinkSync(join(world.folder, 'outside'), world.b.at('data/link'))
  symlinkSync(join(world.folder, 'outside', 'secret.json'), world.b.at('data/linked.json'))
  return world
}

function expectNothingOutside(world: World): void {
  expect(readdirSync(world.folder).sort()).toEqual(['a', 'b', 'home', 'outside', 'shared'])
  expect(insideOf(join(world.folder, 'outside'))).toEqual(['secret.json'])
  expect(world.b.read('../outside/secret.json')).toBe('outside\n')
  expect(insideOf(world.b.folder)).toEqual([
    '.env',
    'data',
    'data/good',
    'data/good/after.md',
    'data/good/before.md',
    'data/good/own.md',
    'data/link',
    'data/linked.json',
    'data/sync-config.json',
    'package.json',
  ])
}

describe.concurrent('R11 R10 F12 F16 F25 rows that must not become files', () => {
  test('sync, plan and status show each, and everything else syncs', async () => {
    await using world = linkedWorld()
    const { b } = world
    world.createTable()
    world.put({ path: 'data/good/before.md', content: 'before\n' })
    for (const [, row] of REFUSED) world.put(row)
    world.put({ path: 'data/good/after.md', content: 'after\n' })
    b.write('data/good/own.md', 'own\n')
    const rows = world.rows()

    const plan = await b.plan()
    expect(plan.actions.map(({ path, action }) => [path, action])).toEqual(
      expect.arrayContaining([
        ['data/good/after.md', 'pull'],
        ['data/good/before.md', 'pull'],
        ['data/good/own.md', 'push'],
      ]),
    )
    expect(plan.problems.filter(({ code }) => code === 'denied').length).toBeGreaterThan(0)

    const summary = await b.sync()
    expect(summary).toMatchObject({ pushed: 1, pulled: 2, conflicts: 0, deletedLocal: 0, deletedRemote: 0 })
    expectNothingOutside(world)
    expect(b.read('data/good/before.md')).toBe('before\n')
    expect(b.read('data/good/after.md')).toBe('after\n')
    expect(world.rows().filter(({ id }) => id !== 'story:data/good/own.md')).toEqual(rows)

    const { problemList } = await b.status()
    expect(REFUSED.filter(([, row, code]) => !isShown(problemList, row, code)).map(([what]) => what)).toEqual(
      [],
    )
    expect((await b.plan()).actions).toEqual([])

    expect(await b.sync()).toMatchObject({
      pushed: 0,
      pulled: 0,
      deletedRemote: 0,
      problems: summary.problems,
    })
    expect(world.rows()).toHaveLength(rows.length + 1)
  })

  test('a running engine shows each as it comes, and everything else syncs', async () => {
    await using world = linkedWorld()
    const { b } = world
    b.write('data/good/own.md', 'own\n')
    const engine = await b.watch()
    await until(() => world.rows().length === 1, 'the first push')
    world.put({ path: 'data/good/before.md', content: 'before\n' })
    for (const [, row] of REFUSED) world.put(row)
    world.put({ path: 'data/good/after.md', content: 'after\n' })
    await until(
      () => b.read('data/good/after.md') === 'after\n' && b.read('data/good/before.md') === 'before\n',
      'the good rows',
      () => engine.describe(),
    )
    await until(
      () => REFUSED.every(([, row, code]) => isShown(engine.problems(), row, code)),
      'each to be shown',
      () =>
        REFUSED.filter(([, row, code]) => !isShown(engine.problems(), row, code))
          .map(([what]) => what)
          .join('\n'),
    )
    await until(() => temporaryFiles(b.folder).length === 0, 'what was replaced to be cleared')
    expect(engine.status).toMatchObject({ conflicts: 0 })
    expectNothingOutside(world)
    expect(world.rows()).toHaveLength(REFUSED.length + 3)

    // What is mended is no problem any longer.
    world.execute("DELETE FROM files WHERE path NOT LIKE 'data/good/%'")
    b.remove('data/link')
    b.remove('data/linked.json')
    world.put({ path: 'data/link/x.json', content: '{}\n' })
    await until(
      () => b.read('data/link/x.json') === '{}\n',
      'the folder that is a link no more',
      () => engine.describe(),
    )
    // A record of another form of id that goes is told of by nobody; the next look around finds out.
    const foreign = REFUSED.filter(([, { id }]) => id !== undefined && !id.startsWith('story:')).length
    await until(
      () => engine.status?.problems === foreign,
      'no other problem to be left',
      () => engine.describe(),
    )
    await b.stop()
    const { problemList } = await b.status()
    expect(problemList).toEqual([])
  })
})

type Problems = readonly { readonly code: string; readonly path?: string; readonly message: string }[]

function isShown(problems: Problems, row: ForeignRow, code: string): boolean {
  return problems.some(
    problem => problem.code === code && [row.path, row.id, idPath(row)].includes(problem.path),
  )
}

function idPath({ id }: ForeignRow): string | undefined {
  return id?.replace(/^story:/, '')
}

test.concurrent('F16 rows with columns of other types stop nobody', async () => {
  await using world = new World()
  world.createTable()
  const columns = '(id, path, content, app, owner_id, last_updated, created_at)'
  world.execute(`
    INSERT INTO files ${columns} VALUES ('story:data/null-content.md', 'data/null-content.md', NULL, 'story', 'shared', 1, 1);
    INSERT INTO files ${columns} VALUES ('story:data/blob.md', 'data/blob.md', x'00ff', 'story', 'shared', 1, 1);
    INSERT INTO files ${columns} VALUES ('story:data/null-path.md', NULL, 'x', 'story', 'shared', 1, 1);
    INSERT INTO files ${columns} VALUES ('story:data/null-version.md', 'data/null-version.md', 'x', 'story', 'shared', NULL, NULL);
    INSERT INTO files ${columns} VALUES ('story:data/text-version.md', 'data/text-version.md', 'x', 'story', 'shared', 'soon', NULL);
    INSERT INTO files ${columns} VALUES (NULL, 'data/null-id.md', 'x', 'story', 'shared', 1, 1);
    INSERT INTO files ${columns} VALUES ('story:data/good.md', 'data/good.md', 'good', 'story', 'shared', 1, 1);
  `)
  world.b.write('data/own.md', 'own\n')
  const summary = await world.b.sync()
  expect(summary).toMatchObject({ pushed: 1, conflicts: 0 })
  expect(world.b.read('data/good.md')).toBe('good')
  expect(summary.problems).toBe(4)
  expect(world.rows()).toHaveLength(8)
})

test.concurrent('R12 F16 a folder that stands where a row wants a file is told, costs nothing, and is mended by moving it', async () => {
  await using world = new World()
  const { a, b } = world
  b.configure({ syncFilePatterns: ['data/**/*.md', '!data/taken.md/**'] })
  b.write('data/taken.md/own.txt', 'a folder of this name\n')
  const engine = await b.watch()
  await a.watch()
  a.write('data/taken.md', 'a file of this name\n')
  a.write('data/other.md', 'other\n')
  await until(() => b.read('data/other.md') === 'other\n', 'the other file')
  const problem = await engine.waitFor(
    event => event.type === 'problem' && event.path === 'data/taken.md',
    'a problem',
  )
  expect(problem).toMatchObject({ code: 'blocked-by-directory', retryAt: expect.any(Number) })
  expect(b.read('data/taken.md/own.txt')).toBe('a folder of this name\n')
  // Each try is put off for twice as long as the one before (R13), by the engine's own clock.
  const tries = (): number[] => engine.problems().map(({ retryAt }) => retryAt!)
  await until(() => tries().length > 1, 'another try')
  for (const [before, at] of tries().slice(1).entries())
    expect(at - tries()[before]!).toBeGreaterThanOrEqual(1_000 * 2 ** before)
  b.rename('data/taken.md', 'moved-away')
  await until(
    () => b.read('data/taken.md') === 'a file of this name\n',
    'the file',
    () => engine.describe(),
  )
  expect(b.read('moved-away/own.txt')).toBe('a folder of this name\n')
})

test.concurrent('R11 F25 what lies behind a linked folder is not sent, and a folder that becomes a link deletes nothing', async () => {
  await using world = linkedWorld()
  const { a, b } = world
  b.write('data/real/x.md', 'x\n')
  await world.watchAll()
  await until(() => a.read('data/real/x.md') === 'x\n', 'the real file')
  expect(world.rows().map(({ path }) => path)).toEqual(['data/real/x.md'])

  renameSync(b.at('data/real'), join(world.folder, 'outside', 'real'))
  symlinkSync(join(world.folder, 'outside', 'real'), b.at('data/real'))
  await b.engine!.waitFor(
    event =>
      event.type === 'problem' && event.code === 'link' && event.path?.startsWith('data/real') === true,
    'the link to be told',
  )
  a.write('data/real/x.md', 'edited\n')
  a.write('data/marker.md', 'marker\n')
  await until(() => b.has('data/marker.md'), 'the marker')
  expect(a.read('data/real/x.md')).toBe('edited\n')
  expect(b.read('../outside/real/x.md')).toBe('x\n')
  expect(world.databaseTree().get('data/real/x.md')).toBe('edited\n')
})

test.concurrent('F24 a project that is reached through a symbolic link syncs both ways, with the same engine lock and base', async () => {
  await using world = new World()
  const { a, b } = world
  symlinkSync(b.folder, join(world.folder, 'way-in'))
  const linked = b.reachedBy(join(world.folder, 'way-in'))
  const engine = await linked.watch()
  await a.watch()
  a.write('data/x.md', 'x\n')
  await until(
    () => b.read('data/x.md') === 'x\n',
    'a file to arrive through the link',
    () => engine.describe(),
  )
  linked.write('data/y.md', 'y\n')
  await until(() => a.read('data/y.md') === 'y\n', 'a file to leave through the link')
  expect((await b.run('sync')).code).toBe(4)
  expect(await linked.stop()).toBe(0)
  expect(await b.sync()).toMatchObject({ pushed: 0, pulled: 0, conflicts: 0 })
})

test.concurrent('R10 R11 denied files stay here whatever the patterns say, also beside rows of the same name', async () => {
  await using world = new World({ patterns: ['**', '.env', 'data/.env'] })
  const { a } = world
  a.write('data/.env', 'SECRET=here\n')
  a.write('notes.md', 'outside of data, and matched\n')
  world.createTable()
  world.put({ path: 'data/.env', content: 'SECRET=there\n' })
  world.put({ path: '.env', content: 'FILE_SYNC_ENABLED=false\n' })
  expect(await a.sync()).toMatchObject({ pulled: 0, conflicts: 0 })
  expect(a.read('data/.env')).toBe('SECRET=here\n')
  expect(a.read('.env')).toContain('FILE_SYNC_SQLITE_PATH')
  expect(world.rows().map(({ path, content }) => [path, content])).toEqual(
    expect.arrayContaining([
      ['.env', 'FILE_SYNC_ENABLED=false\n'],
      ['data/.env', 'SECRET=there\n'],
      ['notes.md', 'outside of data, and matched\n'],
    ]),
  )
  expect(world.rows().some(({ content }) => content.includes('SECRET=here'))).toBe(false)
})

describe.concurrent('R8.18 private files of an agent-native server', () => {
  const OWN = 'data/own/theirs.md'

  function ofAnn(): World {
    const world = new World({
      patterns: ['data/*.md'],
      privatePatterns: ['data/own/**'],
      env: { a: ['FILE_SYNC_USER_ID=ann'], b: ['FILE_SYNC_USER_ID=ann'] },
    })
    world.createTable()
    world.put({ path: OWN, content: 'of the server\n', owner_id: 'ann' })
    return world
  }

  test('are told as what they are, hold deletes by others, and are taken over', async () => {
    await using world = ofAnn()
    const { a, b } = world
    a.write('data/own/a.md', 'a\n')
    a.write('data/own/b.md', 'b\n')
    for (const side of [a, b]) await side.sync()
    expect((await a.status()).problemList).toMatchObject([{ code: 'server-record', path: `story:${OWN}` }])
    expect((await a.plan()).problems).toMatchObject([{ code: 'server-record' }])
    expect((await a.run('explain', OWN)).json).toMatchObject({
      reason: expect.stringContaining('agent-native server'),
    })
    expect(JSON.stringify((await a.run('doctor')).json)).toContain('server-records')
    // A delete that an engine makes is one; what the server clears away at its start is not.
    b.remove('data/own/b.md')
    await b.sync()
    expect(await a.sync()).toMatchObject({ deletedLocal: 1 })
    world.execute("DELETE FROM files WHERE owner_id = 'ann' AND id LIKE 'story@%'")
    expect(await a.sync(3)).toMatchObject({ deletedLocal: 0 })
    expect((await a.status(3)).holds).toMatchObject([{ path: 'data/own/a.md', reason: 'server-deletes' }])
    expect((await a.run('adopt')).code).toBe(3)
    expect((await a.run('adopt', '--yes')).json).toEqual({ adopted: [OWN], left: [], isDone: true })
    await a.decide('restore-held')
    expect(await a.sync()).toMatchObject({ problems: 0 })
    expect(a.read(OWN)).toBe('of the server\n')
    expect(world.rows().map(({ id }) => id)).toEqual(['story@ann:data/own/a.md', `story@ann:${OWN}`])
  })
})

test.concurrent('R4.12 the last versions that there are lead to none that nobody takes', async () => {
  await using world = new World()
  const { a, b } = world
  a.write('data/a.md', 'a\n')
  for (const side of [a, b]) await side.sync()
  for (const version of [2 ** 53 - 2, 2 ** 53 - 1]) {
    world.execute(`UPDATE files SET last_updated = ${version}, content = 'theirs'`)
    a.write('data/a.md', `edited ${version}\n`)
    expect(await a.sync()).toMatchObject({ pushed: 0, pulled: 0, problems: 1 })
    expect((await a.status()).problemList).toMatchObject([{ code: 'undecodable', path: 'data/a.md' }])
    expect(world.rows()[0]).toMatchObject({ last_updated: version, content: 'theirs' })
  }
  world.execute(`UPDATE files SET last_updated = ${Date.now()}, content = 'a\n'`)
  expect(await a.sync()).toMatchObject({ pushed: 1, problems: 0 })
  await b.sync()
  expect(b.read('data/a.md')).toBe(a.read('data/a.md'))
})
