/** Which deletes count, and which are held (R8): whole syncs of real files, one story each. */
import { linkSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import type { HoldRecord } from '../../src/engine/ports/state-store.ts'
import { decide, holdsOf } from '../support/decisions.ts'
import { type DeviceOptions, MemoryDevice } from '../support/memory-devices.ts'
import { prune } from '../support/prune.ts'
import { until } from '../support/until.ts'

interface Devices extends AsyncDisposable {
  readonly a: MemoryDevice
  readonly b: MemoryDevice
  records(): number
  deleteRecord(path: string): Promise<void>
  /** A third device. */
  another(): MemoryDevice
  /** How many different contents the database has had at least, from now on. */
  fewestContents(): () => number
}

interface Options extends DeviceOptions {
  readonly content?: (path: string) => string
}

async function inStep(
  paths: readonly string[],
  { content = contentOf, ...options }: Options = {},
): Promise<Devices> {
  const database = createMemoryDatabase()
  const [a, b] = [new MemoryDevice(database, options), new MemoryDevice(database, options)]
  for (const path of paths) a.write(path, content(path))
  await a.sync()
  await b.sync()
  return {
    a,
    b,
    records: () => database.records().size,
    another: () => new MemoryDevice(database, options),
    fewestContents: () => {
      let fewest = Infinity
      const look = (): void => {
        fewest = Math.min(
          fewest,
          new Set([...database.records().values()].map(record => record.content)).size,
        )
      }
      database.adapter().watchHeads('app', 'shared', look, () => {})
      return () => fewest
    },
    deleteRecord: path => database.adapter().delete(`app:${path}`),
    async [Symbol.asyncDispose]() {
      await a[Symbol.asyncDispose]()
      await b[Symbol.asyncDispose]()
    },
  }
}

/** Versions are times: what comes after a rest is told from what was there together. */
function pause(): Promise<void> {
  const since = Date.now()
  return until(() => Date.now() - since > 1_100, 'a rest')
}
const numbered = (count: number, folder = 'data/notes'): string[] =>
  Array.from({ length: count }, (_, n) => `${folder}/${n}.md`)
const contentOf = (path: string): string => `content of ${path}\n`
const removeAll = (device: MemoryDevice, paths: readonly string[]): void =>
  paths.forEach(path => device.remove(path))

describe.concurrent('R8.2 each path is counted once', () => {
  const paths = numbered(40)

  test('files that go, come back and go again within the minute are no mass', async () => {
    await using devices = await inStep(paths)
    const { a } = devices
    for (let round = 0; round < 3; round += 1) {
      removeAll(a, paths.slice(0, 11))
      await a.sync()
      for (const path of paths.slice(0, 11)) a.write(path, contentOf(path))
      await a.sync()
    }
    removeAll(a, paths.slice(0, 11))
    await a.sync()
    expect(holdsOf(a)).toEqual([])
    expect(devices.records()).toBe(29)
  })

  test('other files that follow them are, also after a new start', async () => {
    await using devices = await inStep(paths)
    const { a } = devices
    removeAll(a, paths.slice(0, 11))
    await a.sync()
    removeAll(a, paths.slice(11, 20))
    await a.sync()
    expect(holdsOf(a).filter(({ kind }) => kind === 'delete')).toHaveLength(9)
    expect(devices.records()).toBe(29)
  })

  test('what a person has approved counts no longer', async () => {
    await using devices = await inStep(paths)
    const { a } = devices
    removeAll(a, paths.slice(0, 25))
    await a.sync()
    await decide(a, 'approve')
    expect(devices.records()).toBe(15)
    a.remove(paths[25]!)
    await a.sync()
    expect([holdsOf(a), devices.records()]).toEqual([[], 14])
  })
})

describe.concurrent('R8.3 a file that is moved is not deleted', () => {
  const folder = numbered(60, 'data/former')
  const rename = ({ folder: project }: MemoryDevice): void =>
    renameSync(join(project, 'data/former'), join(project, 'data/renamed'))

  test.each([
    ['of different contents', contentOf],
    ['of one content', () => 'one content\n'],
  ])('a renamed folder of 60 files %s goes through on both devices', async (_what, content) => {
    await using devices = await inStep(folder, { content })
    const { a, b } = devices
    await pause()
    rename(a)
    await a.sync()
    expect([holdsOf(a), devices.records()]).toEqual([[], 60])
    await b.sync()
    expect(holdsOf(b)).toEqual([])
    expect([b.paths().length, b.paths().every(path => path.startsWith('data/renamed/'))]).toEqual([60, true])
  })

  test.each([
    [
      'renamed again',
      (a: MemoryDevice) => renameSync(join(a.folder, 'data/renamed'), join(a.folder, 'data/again')),
    ],
    [
      'renamed back',
      (a: MemoryDevice) => renameSync(join(a.folder, 'data/renamed'), join(a.folder, 'data/former')),
    ],
  ])('nor is one that was %s before its first name has gone', async (_what, then) => {
    await using devices = await inStep(folder)
    const { a, b } = devices
    // Both names are agreed on, as where the deletes of the first have waited for a burst's end.
    mkdirSync(join(a.folder, 'data/renamed'))
    for (const path of folder)
      linkSync(join(a.folder, path), join(a.folder, path.replace('former', 'renamed')))
    await a.sync()
    await b.sync()
    rmSync(join(a.folder, 'data/former'), { recursive: true })
    then(a)
    await a.sync()
    await b.sync()
    expect([holdsOf(a), holdsOf(b)]).toEqual([[], []])
    expect([devices.records(), b.paths().length]).toEqual([60, 60])
  })

  test('neither do those count that were moved one by one', async () => {
    await using devices = await inStep(folder)
    const { a, b } = devices
    for (let n = 0; n < 24; n += 8) {
      for (const path of folder.slice(n, n + 8))
        renameSync(join(a.folder, path), join(a.folder, `${path}x.md`))
      await a.sync()
      await b.sync()
    }
    expect([holdsOf(a), holdsOf(b), devices.records()]).toEqual([[], [], 60])
  })

  test('a renamed folder whose new names were seen before the old ones were gone goes through', async () => {
    await using devices = await inStep(folder)
    const { a, b } = devices
    for (const path of folder) a.write(path.replace('former', 'renamed'), contentOf(path))
    await a.sync()
    await b.sync()
    removeAll(a, folder)
    await a.sync()
    await b.sync()
    expect([holdsOf(a), holdsOf(b), b.paths().length]).toEqual([[], [], 60])
  })

  test('what is deleted beside a move is held, and the move is not', async () => {
    const others = numbered(40)
    await using devices = await inStep([...folder, ...others])
    const { a } = devices
    rename(a)
    removeAll(a, others.slice(0, 35))
    await a.sync()
    expect(holdsOf(a)).toHaveLength(35)
    expect(devices.records()).toBe(100)
  })

  test('the copy that is deleted has not moved', async () => {
    await using devices = await inStep(folder)
    const { a } = devices
    await pause()
    for (const path of folder) a.write(path.replace('former', 'copy'), contentOf(path))
    await a.sync()
    removeAll(
      a,
      folder.map(path => path.replace('former', 'copy')),
    )
    await a.sync()
    expect(holdsOf(a)).toHaveLength(60)
  })

  test('at no moment is a content of it in no record', async () => {
    await using devices = await inStep(folder)
    rename(devices.a)
    const fewest = devices.fewestContents()
    await devices.a.sync()
    expect(fewest()).toBe(60)
  })
})

describe.concurrent('R8.5 an emptied folder', () => {
  const queue = numbered(3, 'data/queue')

  test('below the content root is an ordinary delete, also where it held all files', async () => {
    await using devices = await inStep(queue)
    const { a } = devices
    removeAll(a, queue)
    await a.sync()
    expect([holdsOf(a), devices.records()]).toEqual([[], 0])
  })

  test('that is gone with all others is held: the content root was emptied as a whole', async () => {
    await using devices = await inStep([...queue, 'data/notes/a.md'])
    const { a } = devices
    for (const name of ['queue', 'notes']) rmSync(join(a.folder, 'data', name), { recursive: true })
    await a.sync()
    expect(holdsOf(a).map(({ reason }) => reason)).toEqual(Array(4).fill('local-emptied'))
    expect(devices.records()).toBe(4)
  })

  test('which is the content root itself is held: nothing tells a drain from a loss', async () => {
    const flat = numbered(3, 'data')
    await using devices = await inStep(flat)
    removeAll(devices.a, flat)
    await devices.a.sync()
    expect(holdsOf(devices.a)).toHaveLength(3)
  })

  test('in the database is held, whoever emptied it', async () => {
    await using devices = await inStep(queue)
    for (const path of queue) await devices.deleteRecord(path)
    await devices.a.sync()
    expect(holdsOf(devices.a).map(({ reason }) => reason)).toEqual(Array(3).fill('database-emptied'))
  })
})

describe.concurrent('R8.6 files of expectDeletes', () => {
  const config = { expectDeletes: ['data/queue/**', 'data/*.job'] }
  const queue = numbered(50, 'data/queue')

  test('are never counted, on either side, even the last of them', async () => {
    await using devices = await inStep(queue, { config })
    const { a, b } = devices
    rmSync(join(a.folder, 'data/queue'), { recursive: true })
    await a.sync()
    await b.sync()
    expect([holdsOf(a), holdsOf(b), b.paths()]).toEqual([[], [], []])
  })

  test('in the content root itself too', async () => {
    const jobs = ['data/1.job', 'data/2.job', 'data/3.job']
    await using devices = await inStep(jobs, { config })
    removeAll(devices.a, jobs)
    await devices.a.sync()
    expect([holdsOf(devices.a), devices.records()]).toEqual([[], 0])
  })

  test('make no mass of other deletes, and hide none', async () => {
    const notes = numbered(40)
    await using devices = await inStep([...notes, ...queue], { config })
    const { a } = devices
    removeAll(a, [...notes.slice(0, 25), ...queue])
    await a.sync()
    // 25 of 40 notes, not 25 of 90 files.
    expect(holdsOf(a)).toHaveLength(25)
    expect(devices.records()).toBe(40)
  })

  test('do not keep a folder from being emptied', async () => {
    const notes = ['data/notes/a.md', 'data/more/b.md']
    await using devices = await inStep([...notes, ...queue], { config })
    const { a } = devices
    for (const name of ['notes', 'more']) rmSync(join(a.folder, 'data', name), { recursive: true })
    await a.sync()
    expect(holdsOf(a).map(({ path }) => path)).toEqual([...notes].sort())
  })
})

describe.concurrent('R8.7 a hold tells the truth', () => {
  const paths = numbered(40)
  const kinds = (device: MemoryDevice, kind: HoldRecord['kind']): string[] =>
    holdsOf(device)
      .filter(hold => hold.kind === kind)
      .map(({ path }) => path)

  /** 12 go, then 13 more: the latter are held. */
  async function trickle(devices: Devices): Promise<void> {
    removeAll(devices.a, paths.slice(0, 12))
    await devices.a.sync()
    removeAll(devices.a, paths.slice(12, 25))
    await devices.a.sync()
  }

  test('what went before it is named in it', async () => {
    await using devices = await inStep(paths)
    await trickle(devices)
    expect(kinds(devices.a, 'delete')).toEqual(paths.slice(12, 25).sort())
    expect(kinds(devices.a, 'gone')).toEqual(paths.slice(0, 12).sort())
    expect(devices.records()).toBe(28)
  })

  test('and restored with it, on both sides, also when the other device has followed', async () => {
    await using devices = await inStep(paths)
    const { a, b } = devices
    await trickle(devices)
    await b.sync()
    await prune(a.state, { maxAgeMs: 1, maxBytes: 1 }, Date.now())
    await decide(a, 'restore')
    await b.sync()
    for (const device of [a, b]) {
      expect([device.paths(), device.read(paths[0]!)]).toEqual([[...paths].sort(), contentOf(paths[0]!)])
      expect(holdsOf(device)).toEqual([])
    }
    expect(devices.records()).toBe(40)
  })

  test('on the device that followed, too', async () => {
    await using devices = await inStep(paths)
    const { a, b } = devices
    for (const path of paths.slice(0, 12)) await devices.deleteRecord(path)
    await b.sync()
    for (const path of paths.slice(12, 25)) await devices.deleteRecord(path)
    await b.sync()
    expect([kinds(b, 'gone').length, kinds(b, 'delete').length]).toEqual([12, 13])
    await decide(b, 'restore')
    await a.sync()
    expect([devices.records(), b.paths().length, a.paths().length]).toEqual([40, 40, 40])
  })

  test('also contents that no base keeps', async () => {
    const large = 'x'.repeat(1_200_000)
    const content = (path: string): string => (path === paths[3] ? large : contentOf(path))
    await using devices = await inStep(paths, { content })
    await trickle(devices)
    await decide(devices.a, 'restore')
    expect(devices.a.read(paths[3]!)).toBe(large)
  })

  test('what comes back by itself is named no longer, and approving ends it', async () => {
    await using devices = await inStep(paths)
    const { a } = devices
    await trickle(devices)
    a.write(paths[0]!, 'written anew\n')
    await a.sync()
    expect(kinds(a, 'gone')).toEqual(paths.slice(1, 12).sort())
    await decide(a, 'approve')
    expect([holdsOf(a), a.state.loadDecisions(a.scope), devices.records()]).toEqual([[], [], 16])
  })

  test('a few deletes hold nothing and name nothing', async () => {
    await using devices = await inStep(paths)
    const { a } = devices
    a.remove(paths[0]!)
    await a.sync()
    removeAll(a, paths.slice(1, 10))
    await a.sync()
    expect(holdsOf(a)).toEqual([])
  })
})

describe.concurrent('R8.13 a hold ends with its cause', () => {
  const paths = numbered(25)

  test('files that are back as they were, to the inode and the time', async () => {
    await using devices = await inStep([...paths, ...numbered(5, 'data/others')])
    const { a } = devices
    const [folder, aside] = [join(a.folder, 'data/notes'), join(a.folder, 'aside')]
    renameSync(folder, aside)
    await a.sync()
    expect(holdsOf(a)).toHaveLength(25)
    renameSync(aside, folder)
    await a.sync()
    expect([holdsOf(a), devices.records()]).toEqual([[], 30])
  })
})

describe.concurrent('R8.9 an approval goes along with the delete', () => {
  const paths = numbered(40)

  test('so that the other device follows without asking', async () => {
    await using devices = await inStep(paths)
    const { a, b } = devices
    removeAll(a, paths.slice(0, 25))
    await a.sync()
    await b.sync()
    expect(b.paths()).toHaveLength(40)
    await decide(a, 'approve')
    await b.sync()
    expect([holdsOf(b), b.paths().length]).toEqual([[], 15])
    b.remove(paths[30]!)
    await b.sync()
    expect([holdsOf(b), devices.records()]).toEqual([[], 14])
  })

  test('and for the record that it was given for alone', async () => {
    await using devices = await inStep(paths)
    const { a, b } = devices
    removeAll(a, paths.slice(0, 25))
    await a.sync()
    await decide(a, 'approve')
    for (const path of paths.slice(0, 25)) a.write(path, 'written anew\n')
    await a.sync()
    await b.sync()
    for (const path of paths.slice(0, 25)) await devices.deleteRecord(path)
    await b.sync()
    expect(holdsOf(b)).toHaveLength(25)
  })

  test('deletes that nobody has approved count on each device', async () => {
    await using devices = await inStep(paths)
    const { a, b } = devices
    const c = devices.another()
    await using _ = c
    await c.sync()
    removeAll(a, paths.slice(0, 12))
    removeAll(c, paths.slice(12, 24))
    await a.sync()
    await c.sync()
    await b.sync()
    expect(holdsOf(b).length).toBeGreaterThan(0)
    expect(b.paths()).toHaveLength(40)
  })

  test('R8.5 a queue that another device has drained is no emptied database', async () => {
    const queue = numbered(3, 'data/queue')
    await using devices = await inStep(queue)
    const { a, b } = devices
    removeAll(a, queue)
    await a.sync()
    await b.sync()
    expect([holdsOf(b), b.paths()]).toEqual([[], []])
  })
})
