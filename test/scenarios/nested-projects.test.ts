/** A project within a project, and LOCKSTEP_HOME within the content (R10), with engines at work on both. */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { folderHome } from '../../src/platform/home.ts'
import { runCommand } from '../support/lockstep.ts'
import { Project } from '../support/project.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

/** With the same app and database, as a copy or a worktree of it has. */
function projectWithin(outer: Project, folder: string, env = outer.env): Project {
  const inner = new Project('inner', outer.at(folder), env)
  for (const file of ['package.json', 'data/sync-config.json']) inner.write(file, outer.read(file)!)
  inner.write('.env', outer.read('.env')!.replace('../shared', `${outer.folder}/../shared`))
  return inner
}

const codesOf = (problems: readonly { readonly code: string; readonly path?: string }[]): string[] =>
  problems.map(({ code, path }) => `${code} ${path}`)

describe.concurrent('R10.3 nested projects', () => {
  test('never feed each other, and the outer one says what it leaves out', async () => {
    await using world = new World({ names: ['a'] })
    const { a } = world
    a.write('data/y.md', 'outer\n')
    const inner = projectWithin(a, 'data/inner')
    inner.write('data/own.md', 'inner\n')
    await a.watch()
    await inner.watch()
    try {
      await until(
        () => inner.read('data/y.md') === 'outer\n' && a.read('data/own.md') === 'inner\n',
        'both to be in step',
      )
      a.write('data/marker.md', 'marker\n')
      await until(() => inner.read('data/marker.md') === 'marker\n', 'a later file')
      expect(world.rows().map(({ path }) => path)).toEqual(['data/marker.md', 'data/own.md', 'data/y.md'])
      expect(inner.has('data/inner')).toBe(false)
      const { problemList } = await a.status()
      expect(codesOf(problemList)).toEqual(['left-out data/inner'])
      const { json } = await a.run('explain', 'data/inner/data/y.md')
      expect(json).toMatchObject({ state: 'denied', rule: { category: 'other projects' } })
    } finally {
      await inner.kill()
    }
  })

  test('one that comes while the engine runs is left out, and what it had before is deleted nowhere', async () => {
    await using world = new World()
    const { a, b } = world
    a.write('data/inner/data/note.md', 'before\n')
    await world.watchAll()
    await until(() => b.read('data/inner/data/note.md') === 'before\n', 'the first file')
    const inner = projectWithin(a, 'data/inner')
    await a.engine!.waitFor(event => event.type === 'problem' && event.code === 'left-out', 'it to be found')
    inner.write('data/note.md', 'of the inner one\n')
    inner.write('data/new.md', 'of the inner one\n')
    a.write('data/marker.md', 'marker\n')
    await until(() => b.read('data/marker.md') === 'marker\n', 'a later file')
    expect(b.read('data/inner/data/note.md')).toBe('before\n')
    expect(b.has('data/inner/data/new.md')).toBe(false)
  })

  test('what is known of another project counts, wherever its configuration lies', async () => {
    await using world = new World({ names: ['a'] })
    const { a } = world
    const inner = new Project('inner', a.at('data/inner'), a.env)
    inner.write('.env', 'FILE_SYNC_SQLITE_PATH=../../inner.db\n')
    inner.write('conf/sync-config.json', '{"syncFilePatterns":["files/**"],"contentRoot":"files"}')
    inner.write('files/x.md', 'inner\n')
    expect((await runCommand(['sync', inner.at('conf'), '--json'], a.env)).code).toBe(0)
    a.write('data/y.md', 'outer\n')
    await a.sync()
    expect(world.rows().map(({ path }) => path)).toEqual(['data/y.md'])
    const doctor = await a.run('doctor')
    expect(JSON.stringify(doctor.json)).toContain('other-projects')
  })
})

describe.concurrent('R10.2 LOCKSTEP_HOME within the content', () => {
  test.each(['directly', 'by a link'])(
    'never travels, in neither direction, and doctor says so: %s',
    async how => {
      await using world = new World()
      const { a, b } = world
      mkdirSync(a.at('data/state'))
      if (how === 'by a link') symlinkSync(a.at('data/state'), join(world.folder, 'way-in'))
      const home = how === 'directly' ? a.at('data/state') : join(world.folder, 'way-in')
      const own = new Project('a', a.folder, { LOCKSTEP_HOME: home })
      a.write('data/x.md', 'x\n')
      await own.sync()
      const serve = join(home, 'running.json')
      writeFileSync(serve, '{"token":"secret"}\n')
      await own.sync()
      expect(world.rows().map(({ path }) => path)).toEqual(['data/x.md'])
      world.put({ path: 'data/state/running.json', content: '{"token":"theirs"}\n' })
      const summary = await own.sync()
      expect(summary).toMatchObject({ pulled: 0, problems: 1 })
      expect(readFileSync(serve, 'utf8')).toContain('secret')
      expect(JSON.stringify((await own.run('doctor')).json)).toContain('state-folder-inside')
      // With another LOCKSTEP_HOME it is known by what lies in it.
      world.execute("DELETE FROM files WHERE path LIKE 'data/state/%'")
      const other = await a.sync()
      expect(other).toMatchObject({ pushed: 0 })
      expect(world.rows().map(({ path }) => path)).toEqual(['data/x.md'])
      expect((await b.run('doctor')).stdout).not.toContain('state-folder-inside')
    },
  )

  test('the content root itself may be it: the content syncs, and the state does not', async () => {
    await using world = new World({ names: ['a'] })
    const { a } = world
    const own = new Project('a', a.folder, { LOCKSTEP_HOME: a.at('data') })
    a.write('data/x.md', 'x\n')
    a.write('data/running.json', '{"token":"secret"}\n')
    await own.sync()
    await own.sync()
    expect(world.rows().map(({ path }) => path)).toEqual(['data/x.md'])
    // With another LOCKSTEP_HOME it is known by what it has left.
    expect(await a.sync()).toMatchObject({ pushed: 0 })
    const { stdout } = await a.run('doctor')
    expect(stdout).toContain('State of another LOCKSTEP_HOME lies in the content folder itself')
    rmSync(folderHome(a.at('data'), a.folder), { recursive: true })
    expect(await a.sync()).toMatchObject({ pushed: 1 })
  })
})

test.concurrent('R10.3 two projects with one content root, app and database: the second is refused', async () => {
  await using world = new World({ names: ['a'] })
  const { a } = world
  a.write('data/y.md', 'y\n')
  await a.sync()
  // Picked by its content folder, it is a project of its own from now on.
  a.write('data/package.json', a.read('package.json')!)
  a.write('data/.env', a.read('.env')!.replace('../shared', '../../shared'))
  const inner = new Project('inner', a.at('data'), a.env)
  const refused = await inner.run('sync')
  expect(refused.code).toBe(2)
  expect(refused.stdout + refused.stderr).toContain(`project ${a.folder} already`)
  expect(await a.sync()).toMatchObject({ pushed: 1 })
  // With an app of its own there is nothing to feed.
  inner.write('.env', `${inner.read('.env')!}FILE_SYNC_APP_ID=another\n`)
  expect((await inner.run('sync')).code).toBe(0)
  expect((await a.sync()).pulled).toBe(0)
})
