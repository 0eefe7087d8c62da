/** Two engines with real files over each backend, its line cut in the middle: the same promises everywhere. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BACKENDS, type BackendServer } from '../support/backends.ts'
import { noteFolder, noteRemoved } from '../support/orphans.ts'
import { Project } from '../support/project.ts'
import { differences, isEqual, temporaryFiles } from '../support/tree.ts'
import { until } from '../support/until.ts'

/** With one backend, one thing follows from the other. */
const ONE_BY_ONE = { concurrent: false } as const
/** Beside what the tests delete, so that nothing looks like a mass delete (R8). */
const PADDING = 60

const only = process.env['LOCKSTEP_TEST_BACKEND']
const names = Object.keys(BACKENDS).filter(name => only === undefined || name === only)

// Most of the time is spent waiting for servers and processes.
describe.concurrent.each(names)('%s', name => {
  let folder: string
  let server: BackendServer
  let a: Project
  let b: Project

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), `lockstep-${name}-`)))
    noteFolder(folder)
    server = await BACKENDS[name]!(folder)
    a = await makeProject('a')
    b = await makeProject('b')
  })

  afterAll(async () => {
    await Promise.all([a?.kill(), b?.kill()])
    await server?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    noteRemoved(folder)
  })

  async function makeProject(project: string): Promise<Project> {
    const made = new Project(project, join(folder, project), {
      LOCKSTEP_HOME: join(folder, `home-${project}`),
    })
    mkdirSync(made.folder)
    made.write('package.json', '{ "name": "story" }\n')
    made.configure({ syncFilePatterns: ['data/**'] })
    await server.connect(made)
    return made
  }

  async function inStep(): Promise<void> {
    const sides = [a, b]
    await until(
      () =>
        sides.every(({ engine }) => engine?.isIdle === true) &&
        isEqual(a.tree(), b.tree()) &&
        sides.every(side => temporaryFiles(side.folder).length === 0),
      'both sides to be in step',
      () => [...differences(a.tree(), b.tree()), a.engine?.describe(), b.engine?.describe()].join('\n'),
    )
  }

  test('doctor finds nothing wrong', ONE_BY_ONE, async () => {
    const { code, json } = await a.run('doctor')
    const checks = (json as { checks: { id: string; status: string }[] }).checks
    expect(checks.filter(({ id }) => id.startsWith('database-')).length).toBeGreaterThan(5)
    expect(checks.filter(({ status }) => status === 'failed')).toEqual([])
    expect(code).toBe(0)
  })

  test('R2 what either side had before the start is on both', ONE_BY_ONE, async () => {
    for (let n = 0; n < PADDING; n++) a.write(`data/padding/${n}.md`, `padding ${n}\n`)
    a.write('data/from-a.md', 'a\n')
    b.write('data/odd/100%2F #?:.md', 'b\n')
    b.write('data/bytes.bin', Buffer.from([0, 255, 10, 13]))
    await Promise.all([a.watch(), b.watch()])
    await inStep()
    expect(a.tree().size).toBe(PADDING + 3)
    expect(a.tree().get('data/bytes.bin')).toBe('\u0000\u00ff\n\r')
  })

  test('F14 edits, renames and deletes travel live, both ways', ONE_BY_ONE, async () => {
    a.save('data/from-a.md', 'edited on a\n')
    b.write('data/new-on-b.json', '{ "n": 1 }\n')
    await inStep()
    expect(a.read('data/new-on-b.json')).toBe('{ "n": 1 }\n')
    expect(b.read('data/from-a.md')).toBe('edited on a\n')
    b.rename('data/from-a.md', 'data/moved/from-a.md')
    a.remove('data/new-on-b.json')
    await until(() => !b.has('data/new-on-b.json') && !a.has('data/from-a.md'), 'the delete and the rename')
    await inStep()
    expect(a.read('data/moved/from-a.md')).toBe('edited on a\n')
  })

  test('R13 what both sides do while the line is cut arrives once it is back', ONE_BY_ONE, async () => {
    a.write('data/both.json', '{\n  "a": 0,\n  "b": 0\n}\n')
    await inStep()
    const from = a.engine!.events.length
    const fromOfB = b.engine!.events.length
    await server.cut('a')
    a.write('data/while-cut-a.md', 'a\n')
    a.remove('data/padding/0.md')
    a.write('data/both.json', '{\n  "a": 1,\n  "b": 0\n}\n')
    b.write('data/while-cut-b.md', 'b\n')
    b.remove('data/padding/1.md')
    b.write('data/padding/2.md', 'edited on b\n')
    b.write('data/both.json', '{\n  "a": 0,\n  "b": 1\n}\n')
    await a.engine!.waitFor(
      event => event.type === 'status' && (event.state === 'offline' || event.pending > 0),
      'a word that a is cut off',
      from,
    )
    // Only then a's edit meets one that is stored: without conditional writes two at once are no merge.
    await b.engine!.waitFor(
      event => event.type === 'file' && event.path === 'data/both.json' && event.action === 'push',
      "b's edit to be in the database",
      fromOfB,
    )
    await until(() => b.engine?.isIdle === true, 'b to be in step with the database')
    expect(b.has('data/while-cut-a.md')).toBe(false)
    expect(a.has('data/while-cut-b.md')).toBe(false)
    await server.restore('a')
    await until(
      () => b.has('data/while-cut-a.md') && a.has('data/while-cut-b.md'),
      'the edits of the time that was cut',
      () => [a.engine?.describe(), b.engine?.describe()].join('\n'),
    )
    await inStep()
    expect(['data/padding/0.md', 'data/padding/1.md'].filter(path => a.has(path))).toEqual([])
    expect(a.read('data/padding/2.md')).toBe('edited on b\n')
    expect(JSON.parse(a.read('data/both.json') ?? '')).toEqual({ a: 1, b: 1 })
    expect(a.engine?.status?.conflicts).toBe(0)
  })

  test('R3 both end with 0, and another sync does nothing', ONE_BY_ONE, async () => {
    expect((await Promise.all([a.stop(), b.stop()])).filter(code => code !== null && code !== 0)).toEqual([])
    const nothing = { pushed: 0, pulled: 0, merged: 0, deletedLocal: 0, deletedRemote: 0, conflicts: 0 }
    expect(await a.sync()).toMatchObject(nothing)
    expect(await b.sync()).toMatchObject(nothing)
  })

  if (name === 'supabase') {
    test(
      'R15 who signs in has private files on all devices of the same account, and on no other',
      ONE_BY_ONE,
      async () => {
        const config = { syncFilePatterns: ['data/shared/**'], privateSyncFilePatterns: ['data/mine/**'] }
        const home = { LOCKSTEP_HOME: join(folder, 'home-again') }
        const again = new Project('again', join(folder, 'again'), home)
        again.write('.env', a.read('.env') ?? '')
        again.write('package.json', '{ "name": "story" }\n')
        for (const side of [a, b, again]) side.configure(config)
        a.write('data/mine/own.md', 'of the first account\n')
        for (const side of [a, again, b]) await side.sync()
        expect(again.read('data/mine/own.md')).toBe('of the first account\n')
        expect(b.has('data/mine/own.md')).toBe(false)
      },
    )
  }
})
