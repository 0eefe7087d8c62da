/** What never travels, though the patterns match it: files of sync itself (R3, R10), and names that no other device can have (R11). */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

describe.concurrent('R3 R10 the database that a folder syncs with', () => {
  test.each(['data/store', 'data/deep/state.json', 'data/x.db3'])('%s does not sync itself', async path => {
    await using world = new World()
    const { a } = world
    a.write('data/deep/note.md', 'a note\n')
    a.write('.env', `FILE_SYNC_SQLITE_PATH=${path}\n`)
    expect(await a.sync()).toMatchObject({ pushed: 1, problems: 0 })
    expect(await a.sync()).toMatchObject({ pushed: 0, pulled: 0 })
    const explained = await a.run('explain', path)
    expect(explained.json).toMatchObject({
      state: 'denied',
      rule: { kind: 'denylist', category: 'databases' },
    })
  })
})

describe.concurrent('R11 R12 names that cannot be paths of records', () => {
  const UNFIT = ['data/back\\slash.md', 'data/two\nlines.md']
  /** Names by bytes, since no text stands for one of them. */
  const notUtf8 = (folder: string): Buffer =>
    Buffer.concat([Buffer.from(join(folder, 'data', 'bad-')), Buffer.from([0xff]), Buffer.from('.md')])
  const isPosix = process.platform !== 'win32' && process.platform !== 'darwin'

  test.runIf(isPosix)('are listed, and everything else syncs', async () => {
    await using world = new World()
    const { a } = world
    for (const path of [...UNFIT, 'data/fine.md', 'data/.env\nx']) a.write(path, 'text\n')
    writeFileSync(notUtf8(a.folder), 'text\n')
    expect(await a.sync()).toMatchObject({ pushed: 1, problems: 3 })
    const { problemList } = await a.status()
    expect(new Map(problemList.map(({ code, path }) => [path, code]))).toEqual(
      new Map([...UNFIT, 'data/bad-\uFFFD.md'].map(path => [path, 'unsupported-name'])),
    )
    expect(world.rows().map(({ path }) => path)).toEqual(['data/fine.md'])
  })

  test.runIf(isPosix)('are told as they come and go while an engine runs', async () => {
    await using world = new World()
    const { a } = world
    const engine = await a.watch()
    a.write(UNFIT[0]!, 'text\n')
    await engine.waitFor(event => event.type === 'problem' && event.path === UNFIT[0], 'the problem')
    a.rename(UNFIT[0]!, 'data/renamed.md')
    await until(
      () => world.rows().length === 1 && engine.status?.problems === 0,
      'the renamed file to sync',
      () => engine.describe(),
    )
  })
})
