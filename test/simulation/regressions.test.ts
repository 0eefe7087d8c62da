/** Faults that the simulation has found, as the shortest plans that showed them; and the stories behind R8. */
import { describe, expect, test } from 'vitest'
import { FileSystemError } from '../../src/engine/ports/file-system.ts'
import { APP, type Device } from './device.ts'
import { inStep, plan } from './in-step.ts'
import { endAllByHand, rest, runPlan } from './run.ts'
import type { Plan } from './steps.ts'

const unique = (serial: number) => ({ kind: 'unique', serial }) as const
const pool = (index: number) => ({ kind: 'pool', index }) as const

const FOUND: readonly { readonly name: string; readonly plan: Plan }[] = [
  {
    name: 'R6 R13 a conflict copy that found no room on the disk is written later',
    plan: plan([
      { act: 'full-disk', device: 1, bytes: 0, afterMs: 1 },
      { device: 1, act: 'write', path: 'data/a.json', content: pool(0), gapMs: 40, afterMs: 5 },
      { device: 0, act: 'write', path: 'data/a.json', content: unique(5), gapMs: 4, afterMs: 1 },
    ]),
  },
  {
    name: 'R3 while deletes are held after an exchange of the database, nothing is written again and again',
    plan: plan([
      {
        device: 1,
        act: 'save',
        path: 'data/notes/deep/e.txt',
        content: { kind: 'binary', serial: 1 },
        afterMs: 15,
      },
      { device: 1, act: 'write', path: 'data/notes/d.json', content: unique(2), gapMs: 4, afterMs: 30 },
      { act: 'exchange-database', afterMs: 0 },
    ]),
  },
  {
    name: 'R2 a program that saves over a file in the moment after it was pulled is seen',
    plan: plan(
      [
        { device: 1, act: 'save', path: 'data/notes/d.json', content: unique(2), afterMs: 30 },
        // Of a new file: made, linked to its name, and here the temporary name is about to go.
        {
          act: 'ambush',
          device: 0,
          changes: 3,
          what: { act: 'save', path: 'data/notes/c.md', content: unique(3) },
          afterMs: 1_000,
        },
        { device: 1, act: 'save', path: 'data/notes/c.md', content: unique(4), afterMs: 30 },
      ],
      { seed: 81 },
    ),
  },
  {
    name: 'R12 R13 a path that may not be looked at is reported, and the session goes on',
    plan: plan([
      { device: 0, act: 'save', path: 'data/mine/f.md', content: unique(1), afterMs: 30 },
      { act: 'deny', device: 0, path: 'data/mine', right: 'enter', afterMs: 500 },
      { device: 0, act: 'save', path: 'data/mine/f.md', content: unique(2), afterMs: 30 },
      { device: 1, act: 'save', path: 'data/b.md', content: unique(3), afterMs: 300 },
    ]),
  },
  {
    name: 'R6 a new file is what sync wrote, also where its temporary name could not be removed',
    plan: plan(
      [
        { act: 'bad-disk', device: 1, share: 0.4, afterMs: 0 },
        { device: 2, act: 'edit', path: 'data/b.md', kind: 'remove', where: 2, serial: 26, afterMs: 400 },
        { device: 2, act: 'edit', path: 'data/b.md', kind: 'remove', where: 2, serial: 27, afterMs: 1_500 },
        { device: 0, act: 'edit', path: 'data/b.md', kind: 'add', where: 4, serial: 28, afterMs: 0 },
      ],
      { seed: 502_189, devices: 3, kind: 'faulty', callMs: 0.3, stateMs: 0 },
    ),
  },
  {
    name: 'R4 what was decided about a record that was gone is not done to the one that has come in its place',
    plan: plan(
      [
        {
          device: 1,
          act: 'edit',
          path: 'data/notes/deep/e.txt',
          kind: 'add',
          where: 1,
          serial: 7,
          afterMs: 5,
        },
        { device: 1, act: 'edit', path: 'data/notes/c.md', kind: 'add', where: 2, serial: 8, afterMs: 80 },
        {
          device: 1,
          act: 'edit',
          path: 'data/notes/deep/e.txt',
          kind: 'add',
          where: 6,
          serial: 9,
          afterMs: 400,
        },
        {
          device: 1,
          act: 'edit',
          path: 'data/notes/deep/e.txt',
          kind: 'set',
          where: 3,
          serial: 10,
          afterMs: 1_500,
        },
        {
          device: 0,
          act: 'edit',
          path: 'data/notes/deep/e.txt',
          kind: 'remove',
          where: 4,
          serial: 11,
          afterMs: 0,
        },
        { act: 'faults', device: 1, share: 0.5, slowMs: 0, afterMs: 1_500 },
        { act: 'stop', device: 1, afterMs: 5 },
        { act: 'unmount-root', device: 0, afterMs: 30 },
        // It is outdated by the time it is carried out, and has the record read that has come meanwhile.
        { act: 'resolve', device: 1, take: 'remote', content: { kind: 'pool', index: 2 }, afterMs: 5 },
        { device: 0, act: 'write', path: 'data/notes/c.md', content: unique(28), gapMs: 120, afterMs: 80 },
      ],
      { seed: 52_049, kind: 'wild', callMs: 0, stateMs: 0, hasLog: true },
    ),
  },
  {
    name: 'R8 deletes on both sides of a new start are one mass delete',
    plan: plan(
      [
        {
          device: 0,
          act: 'edit',
          path: 'data/b.md',
          kind: 'remove',
          where: 1,
          serial: 10,
          gapMs: 120,
          afterMs: 30,
        },
        { act: 'watcher', device: 1, lost: 0.3, delayMs: 0, afterMs: 1 },
        { act: 'foreign-mass', what: 'make', serial: 20, afterMs: 1 },
        { act: 'mass', device: 1, what: 'delete', serial: 22, afterMs: 1_500 },
        { act: 'configure', device: 1, configuration: 'notes private', afterMs: 1 },
      ],
      { seed: 819_585, callMs: 0, stateMs: 40 },
    ),
  },
  {
    name: 'R5 where times are whole seconds, what a program writes long after a pull is its edit',
    plan: plan(
      [
        { device: 1, act: 'save', path: 'data/a.json', content: pool(1), afterMs: 4_000 },
        { device: 0, act: 'edit', path: 'data/a.json', kind: 'add', where: 0, serial: 2, afterMs: 80 },
        { device: 0, act: 'save', path: 'data/a.json', content: unique(3), afterMs: 1_500 },
        { device: 1, act: 'save', path: 'data/a.json', content: pool(2), afterMs: 0 },
      ],
      { seed: 332, callMs: 0, stateMs: 3, hasLog: true, tickMs: 2_000 },
    ),
  },
]

const FOUND_BY_BREAKS: typeof FOUND = [
  {
    name: 'R8.10 a content root that was made and filled within one tick is known by its birth as well',
    plan: plan(
      [
        { act: 'copy-files', device: 0, afterMs: 0 },
        {
          device: 0,
          act: 'write',
          path: 'data/notes/deep/e.txt',
          content: unique(1),
          gapMs: 0,
          afterMs: 15,
        },
        { act: 'stop', device: 0, afterMs: 400 },
        { act: 'put-files-back', device: 0, how: 'exchange', areTimesKept: true, afterMs: 400 },
      ],
      { seed: 107_719, kind: 'broken', callMs: 0, tickMs: 1_000 },
    ),
  },
  {
    name: 'R4.6 what a power cut has left of a file that was put aside is no edit of the one in its place',
    plan: plan(
      [
        { device: 2, act: 'append', path: 'data/notes/c.md', content: unique(3), afterMs: 15 },
        { act: 'use-user', device: 2, user: 'bob', afterMs: 40_000 },
        {
          device: 0,
          act: 'save',
          path: 'data/notes/c.md',
          content: { kind: 'binary', serial: 4 },
          afterMs: 5,
        },
        { device: 2, act: 'edit', path: 'data/notes/c.md', kind: 'add', where: 0, serial: 5, afterMs: 80 },
        {
          act: 'power-cut',
          device: 1,
          calls: 0,
          when: 'before',
          names: 0.7,
          contents: 0.7,
          afterMs: 80,
        },
      ],
      { seed: 302_935, devices: 3, kind: 'broken', callMs: 0, tickMs: 4 },
    ),
  },
  {
    name: 'R4.6 a late write into what a power cut had left is no edit of what both sides agreed on',
    plan: plan(
      [
        { device: 1, act: 'save', path: 'data/mine/g.json', content: pool(2), afterMs: 15 },
        { device: 1, act: 'save', path: 'data/a.json', content: unique(9), afterMs: 1 },
        {
          device: 0,
          act: 'edit',
          path: 'data/mine/g.json',
          kind: 'set',
          where: 5,
          serial: 10,
          afterMs: 80,
        },
        { act: 'power-cut', device: 1, calls: 0, when: 'before', names: 0, contents: 1, afterMs: 0 },
        {
          device: 1,
          act: 'late-write',
          path: 'data/a.json',
          content: { kind: 'broken', serial: 12 },
          gapMs: 20_000,
          afterMs: 5,
        },
        { act: 'start', device: 1, afterMs: 1 },
        { act: 'use-database', device: 1, database: 'main', afterMs: 0 },
      ],
      { seed: 408_662, kind: 'broken', callMs: 0.3, stateMs: 3, hasLog: true, tickMs: 4 },
    ),
  },
  {
    name: 'R8.8 R13 what a person takes back while the database fails is held no longer, in the state neither',
    plan: plan(
      [
        { act: 'start', device: 0, afterMs: 100 },
        {
          device: 2,
          act: 'edit',
          path: 'data/b.md',
          kind: 'set',
          where: 8,
          serial: 1,
          gapMs: 0,
          afterMs: 80,
        },
        { act: 'configure', device: 1, configuration: 'notes private', afterMs: 4_000 },
        { device: 0, act: 'write', path: 'data/notes/d.json', content: pool(0), gapMs: 40, afterMs: 1_500 },
        { act: 'configure', device: 1, configuration: 'usual', afterMs: 400 },
        { device: 1, act: 'edit', path: 'data/mine/f.md', kind: 'set', where: 1, serial: 4, afterMs: 0 },
        { device: 1, act: 'recreate', path: 'data/notes/c.md', content: unique(5), gapMs: 300, afterMs: 0 },
        {
          device: 1,
          act: 'edit',
          path: 'data/b.md',
          kind: 'set',
          where: 5,
          serial: 8,
          gapMs: 120,
          afterMs: 5,
        },
        { act: 'configure', device: 1, configuration: 'usual', afterMs: 0 },
        { device: 1, act: 'save', path: 'data/mine/g.json', content: pool(0), afterMs: 0 },
        { act: 'copy-database', afterMs: 4_000 },
        { act: 'faults', device: 1, share: 0.1, slowMs: 300, afterMs: 200 },
        {
          device: 2,
          act: 'save',
          path: 'data/notes/deep/e.txt',
          content: { kind: 'binary', serial: 10 },
          afterMs: 0,
        },
        { device: 2, act: 'save', path: 'data/a.json', content: unique(11), afterMs: 4_000 },
        { act: 'put-database-back', afterMs: 4_000 },
        { act: 'decide', device: 1, decision: 'restore', afterMs: 4_000 },
        { device: 2, act: 'write', path: 'data/notes/deep/e.txt', content: pool(2), gapMs: 40, afterMs: 5 },
        { act: 'copy-files', device: 0, afterMs: 40_000 },
        { device: 1, act: 'edit', path: 'data/b.md', kind: 'set', where: 6, serial: 17, afterMs: 0 },
        {
          device: 1,
          act: 'edit',
          path: 'data/notes/d.json',
          kind: 'add',
          where: 3,
          serial: 18,
          gapMs: 120,
          afterMs: 200,
        },
        { device: 1, act: 'late-write', path: 'data/a.json', content: unique(19), gapMs: 5, afterMs: 200 },
        { device: 1, act: 'write', path: 'data/a.json', content: unique(20), gapMs: 12, afterMs: 1_500 },
        { act: 'put-database-back', afterMs: 1_500 },
        {
          device: 1,
          act: 'edit',
          path: 'data/notes/deep/e.txt',
          kind: 'remove',
          where: 6,
          serial: 22,
          afterMs: 4_000,
        },
        { act: 'decide', device: 1, decision: 'restore', afterMs: 4_000 },
      ],
      {
        seed: 405_133,
        devices: 3,
        kind: 'broken',
        hardLinks: false,
        callMs: 0,
        stateMs: 3,
        policy: 'local',
        hasLog: true,
        tickMs: 1_000,
      },
    ),
  },
  {
    name: 'R7 R8.8 the yes to a delete under an exchanged root deletes no edit that came after',
    plan: plan(
      [
        { act: 'copy-files', device: 2, afterMs: 4_000 },
        {
          device: 2,
          act: 'write',
          path: 'data/notes/deep/e.txt',
          content: pool(2),
          gapMs: 120,
          afterMs: 80,
        },
        { act: 'stop', device: 2, afterMs: 4_000 },
        { act: 'put-files-back', device: 2, how: 'exchange', areTimesKept: true, afterMs: 400 },
        { act: 'start', device: 2, afterMs: 0 },
        { act: 'decide', device: 2, decision: 'approve', afterMs: 4_000 },
        {
          device: 0,
          act: 'edit',
          path: 'data/notes/deep/e.txt',
          kind: 'set',
          where: 6,
          serial: 2,
          afterMs: 0,
        },
      ],
      {
        seed: 501_649,
        devices: 3,
        kind: 'broken',
        hardLinks: false,
        stateMs: 3,
        policy: 'newest',
        tickMs: 4,
      },
    ),
  },
  {
    name: 'R8.16 an older copy that waits is held also after a while in the other channel',
    plan: plan(
      [
        { device: 1, act: 'edit', path: 'data/mine/g.json', kind: 'add', where: 2, serial: 9, afterMs: 1 },
        { act: 'copy-files', device: 1, afterMs: 30 },
        { device: 1, act: 'write', path: 'data/mine/g.json', content: pool(0), gapMs: 120, afterMs: 80 },
        { act: 'stop', device: 1, afterMs: 40_000 },
        { act: 'put-files-back', device: 1, how: 'over', areTimesKept: true, afterMs: 0 },
        { act: 'start', device: 1, afterMs: 0 },
        { act: 'configure', device: 1, configuration: 'all shared', afterMs: 40_000 },
        { act: 'configure', device: 1, configuration: 'usual', afterMs: 30 },
      ],
      { seed: 502_570, kind: 'broken', callMs: 2, stateMs: 3, hasLog: true, tickMs: 4 },
    ),
  },
  {
    name: 'R6 after a while with another database, the copy of a conflict is that of this one again',
    plan: plan(
      [
        {
          act: 'ambush',
          device: 1,
          changes: 1,
          what: { act: 'save', path: 'data/notes/c.md', content: unique(5) },
          afterMs: 400,
        },
        {
          device: 0,
          act: 'edit',
          path: 'data/notes/c.md',
          kind: 'set',
          where: 6,
          serial: 6,
          gapMs: 1,
          afterMs: 80,
        },
        { act: 'use-database', device: 2, database: 'other', afterMs: 4_000 },
        {
          device: 2,
          act: 'write',
          path: 'data/notes/c.md',
          content: { kind: 'broken', serial: 19 },
          gapMs: 1,
          afterMs: 1_500,
        },
        { act: 'use-database', device: 1, database: 'other', afterMs: 4_000 },
        { act: 'use-database', device: 1, database: 'main', afterMs: 30 },
      ],
      { seed: 40_247, devices: 3, kind: 'broken', callMs: 0, stateMs: 40, policy: 'merge', hasDrive: true },
    ),
  },
]

describe('found by the simulation', () => {
  test.each([...FOUND, ...FOUND_BY_BREAKS])('$name', async ({ plan: found }) => {
    const { violations, counts } = await runPlan(found)
    expect(violations).toEqual([])
    expect(counts.push + counts.pull).toBeGreaterThan(0)
  })

  test.each(['drop', 'release'] as const)(
    'R13 a kept file that cannot be removed does not end the session, nor its end: %s',
    async how => {
      const { world, a, b } = await inStep({ 'data/b.md': 'former' })
      const { createFailure, clear } = failingUnlinks(b)
      createFailure()
      a.disk.writeByRename('data/b.md', 'edited')
      await world.time.advance(3_000)
      if (how === 'drop') await b.stop()
      else clear()
      world.heal()
      await rest(world)
      expect(b.disk.text('data/b.md')).toBe('edited')
      expect(world.ledger.violations).toEqual([])
    },
  )

  test('R1 what is written just before a stop, and told of after it, is synced before the session ends', async () => {
    const { world, a } = await inStep({ 'data/b.md': 'former' })
    a.watcherFaults.delayMs = 50
    for (let round = 0; round < 10; round += 1) {
      await a.stop()
      a.listensAtEnd = true
      a.start()
      await world.time.advance(5_000)
      a.disk.writeByRename('data/b.md', `round ${round}`)
      await a.stop()
      expect(world.records().get(`${APP}:data/b.md`)?.content).toBe(`round ${round}`)
      a.start()
    }
    expect(world.ledger.violations).toEqual([])
  })

  test('R12 a program that replaces a file at the very moment sync puts it aside is no problem', async () => {
    const { world, a, b } = await inStep({ 'data/b.md': 'former' })
    b.failCall = call => {
      if (call.name !== 'link' || call.path !== 'data/b.md') return null
      b.failCall = null
      return new FileSystemError('ENOENT', call.path, 'replaced while it was linked')
    }
    a.disk.writeByRename('data/b.md', 'edited')
    await world.time.advance(3_000)
    expect(b.failCall).toBe(null)
    expect(b.disk.text('data/b.md')).toBe('edited')
    expect(b.events.filter(({ type }) => type === 'problem')).toEqual([])
    expect(b.disk.paths()).toEqual(['data/b.md'])
  })

  test('R8 R11 a record that cannot be decoded is refused, and its file is not deleted', async () => {
    const { world, a, b } = await inStep({ 'data/b.md': 'good', 'data/a.json': '{}' })
    const record = world.records().get(`${APP}:data/b.md`)!
    const broken = {
      ...record,
      content: 'data:application/octet-stream;base64,@@@',
      lastUpdated: record.lastUpdated + 9,
    }
    await world.database.adapter().set(`${APP}:data/b.md`, broken)
    for (let look = 0; look < 3; look += 1) {
      for (const device of world.devices) device.session!.markEverything()
      await world.time.advance(2_000)
    }
    for (const device of [a, b]) expect(device.disk.text('data/b.md'), device.name).toBe('good')
    expect(world.records().get(`${APP}:data/b.md`)?.content).toBe(broken.content)
  })

  test('R6 R13 a conflict copy that could not follow the record does so once there is room', async () => {
    const { world, a, b } = await inStep({ 'data/b.md': 'former' })
    b.remoteFaults.isOffline = true
    a.disk.writeByRename('data/b.md', 'first')
    b.disk.writeByRename('data/b.md', 'mine')
    await world.time.advance(1_000)
    b.remoteFaults.isOffline = false
    await world.time.advance(10_000)
    expect(b.disk.text('data/b.md.conflict')).toBe('first')
    b.disk.quotaBytes = 0
    a.disk.writeByRename('data/b.md', 'second')
    await world.time.advance(3_000)
    expect(b.disk.text('data/b.md.conflict')).toBe('first')
    b.disk.quotaBytes = Number.POSITIVE_INFINITY
    await world.time.advance(60_000)
    expect(b.disk.text('data/b.md.conflict')).toBe('second')
  })

  test('R5.5 R9 a log whose last line has no end is given two seconds to end it', async () => {
    const { world, a, b } = await inStep({ 'data/b.log': 'one\n', 'data/a.json': '{}' })
    a.disk.writeByRename('data/b.log', 'one\nha')
    await world.time.advance(1_000)
    expect(b.disk.text('data/b.log')).toBe('one\n')
    a.disk.writeByRename('data/b.log', 'one\nhalf\n')
    await world.time.advance(1_000)
    expect(b.disk.text('data/b.log')).toBe('one\nhalf\n')
    a.disk.writeByRename('data/b.log', 'one\nhalf\nend')
    await world.time.advance(5_000)
    expect(b.disk.text('data/b.log')).toBe('one\nhalf\nend')
  })

  test('R9 a program that saves by removing the file and making it anew deletes nothing elsewhere', async () => {
    const { world, a, b } = await inStep({ 'data/b.md': 'former', 'data/a.json': '{}' })
    for (const gapMs of [20, 100, 200]) {
      a.disk.delete('data/b.md')
      await world.time.advance(gapMs)
      a.disk.writeByRename('data/b.md', `after ${gapMs}`)
      await world.time.advance(2_000)
      expect(b.disk.text('data/b.md')).toBe(`after ${gapMs}`)
    }
    const deletes = [a, b]
      .flatMap(device => device.events)
      .filter(event => event.type === 'file' && event.action.startsWith('delete'))
    expect(deletes).toEqual([])
  })

  test('R12 R13 a file that cannot be read before it is replaced is reported, and tried again ever more rarely', async () => {
    const { world, a, b } = await inStep({ 'data/b.md': 'former' })
    let reads = 0
    b.onRead = path => {
      if (path !== 'data/b.md') return
      reads += 1
      throw new FileSystemError('EACCES', path, 'no permission')
    }
    a.disk.writeByRename('data/b.md', 'edited')
    await world.time.advance(10_000)
    expect(reads).toBeGreaterThan(0)
    expect(reads).toBeLessThan(12)
    expect(b.events.some(event => event.type === 'problem' && event.code === 'permission')).toBe(true)
    b.onRead = null
    await rest(world)
    expect(b.disk.text('data/b.md')).toBe('edited')
  })

  test.each([true, false])(
    'R12 R13 a folder in the place of a file is reported, and tried ever more rarely (hard links: %s)',
    async hardLinks => {
      const { world, a, b } = await inStep({ 'data/a.json': '{}' }, { hardLinks })
      b.disk.makeFolders('data/b.md')
      await world.time.advance(1_000)
      const before = b.writes.disk
      a.disk.writeByRename('data/b.md', 'new')
      await world.time.advance(10_000)
      expect(b.writes.disk - before).toBeGreaterThan(0)
      expect(b.writes.disk - before).toBeLessThan(40)
      expect(b.events.some(event => event.type === 'problem' && event.code === 'blocked-by-directory')).toBe(
        true,
      )
      b.disk.delete('data/b.md')
      await rest(world)
      expect(b.disk.text('data/b.md')).toBe('new')
    },
  )

  // The edit has to be found in the very cycle that weighs the held deletes again, so its moment is swept.
  test('R3 R8 an approval that meets an edit made meanwhile is used up, and deletes nothing', async () => {
    for (let afterMs = 0; afterMs <= 1_500; afterMs += 20) {
      const { world, a, b } = await inStep({
        'data/a.json': '{}',
        'data/b.md': 'one',
        'data/notes/c.md': 'two',
      })
      await b.stop()
      for (const id of world.records().keys()) await world.foreignDelete(id)
      await world.time.advance(5_000)
      expect(a.holds()).toHaveLength(3)
      await a.stop()
      await a.decideHolds('approve')
      await a.withdraw(a.holds().filter(({ path }) => path !== 'data/b.md'))
      a.disk.writeByRename('data/b.md', 'edited')
      a.remoteFaults.isOffline = true
      a.start()
      await world.time.advance(afterMs)
      a.remoteFaults.isOffline = false
      a.session!.markEverything()
      await world.time.advance(15_000)
      const at = `back online after ${afterMs} ms`
      expect(
        a.holds().map(({ path }) => path),
        at,
      ).toEqual(['data/a.json', 'data/notes/c.md'])
      expect(a.disk.text('data/b.md'), at).toBe('edited')
      a.session!.markEverything()
      await world.time.advance(2_000)
      const before = a.writes.state
      a.session!.markEverything()
      await world.time.advance(2_000)
      expect(a.writes.state, at).toBe(before)
      expect(world.ledger.violations, at).toEqual([])
      for (const device of world.devices) device.crash()
    }
  })

  test('R2 what a program saves the moment after a pull is pushed at once, though the watcher is deaf', async () => {
    const { world, a, b } = await inStep({ 'data/a.json': '{}' })
    b.watcherFaults.lost = 1
    b.ambush = call => {
      if (call.name !== 'unlink' || !call.path.endsWith('-new')) return false
      b.disk.writeByRename('data/b.md', 'mine')
      return true
    }
    a.disk.writeByRename('data/b.md', 'theirs')
    await world.time.advance(5_000)
    expect(b.disk.text('data/b.md')).toBe('mine')
    expect(world.records().get(`${APP}:data/b.md`)?.content).toBe('mine')
  })

  test('R9 a temporary file that a program has moved along with its folder is cleared at the next full look', async () => {
    const { world, a, b } = await inStep({ 'data/mine/f.md': 'former' })
    a.disk.writeByRename('data/mine/f.md', 'edited')
    for (let ms = 0; ms < 200 && b.disk.text('data/mine/f.md') !== 'edited'; ms += 5)
      await world.time.advance(5)
    expect(b.disk.paths().some(path => path.includes('_tmp-'))).toBe(true)
    b.disk.move('data/mine', 'data/other')
    await rest(world)
    expect(b.disk.paths()).toEqual(['data/other/f.md'])
    expect(world.ledger.violations).toEqual([])
  })

  test('R6 R13 a conflict copy that cannot be removed now is removed later', async () => {
    const { world, a, b } = await inStep({ 'data/b.md': 'former' })
    b.remoteFaults.isOffline = true
    a.disk.writeByRename('data/b.md', 'theirs')
    b.disk.writeByRename('data/b.md', 'mine')
    await world.time.advance(1_000)
    b.remoteFaults.isOffline = false
    await world.time.advance(10_000)
    b.failCall = call =>
      call.name === 'unlink' && call.path.endsWith('.conflict')
        ? new FileSystemError('EIO', call.path, 'EIO')
        : null
    b.disk.writeByRename('data/b.md', 'theirs')
    await world.time.advance(5_000)
    expect(b.disk.text('data/b.md.conflict')).toBe('theirs')
    b.failCall = null
    await rest(world)
    expect(b.disk.paths()).toEqual(['data/b.md'])
    expect(b.conflicts()).toEqual([])
  })

  test('F22 a late notice of a delete does not remove the file that was created since', async () => {
    const { world, a, b } = await inStep({ 'data/b.md': 'one', 'data/a.json': '{}' })
    b.remoteFaults.hints.delayMs = 900
    for (let time = 0; time < 20; time += 1) {
      a.disk.delete('data/b.md')
      await world.time.advance(400)
      a.disk.writeByRename('data/b.md', `again ${time}`)
      await world.time.advance(150 + 20 * time)
    }
    world.heal()
    await rest(world)
    expect(world.ledger.violations).toEqual([])
    expect(b.disk.text('data/b.md')).toBe('again 19')
  })

  test('R8 a late notice from the former database does not end a hold', async () => {
    const { violations, counts } = await runPlan(
      plan(
        [
          { device: 0, act: 'write', path: 'data/mine/f.md', content: unique(2), gapMs: 120, afterMs: 5 },
          { act: 'hints', device: 0, lost: 0.3, doubled: 0, delayMs: 800, afterMs: 5 },
          { act: 'exchange-database', afterMs: 400 },
        ],
        { seed: 5066, callMs: 0.3 },
      ),
    )
    expect(violations).toEqual([])
    expect(counts['delete-local']).toBe(0)
    expect(counts.holds).toBeGreaterThan(0)
  })
})

describe('what a break alone has made of files', () => {
  test('R6 a conflict copy that a power cut has emptied is written again', async () => {
    const { world, a, b } = await inStep(FILES)
    b.remoteFaults.isOffline = true
    a.disk.writeByRename('data/b.md', 'theirs')
    b.disk.writeByRename('data/b.md', 'mine')
    await world.time.advance(1_000)
    b.remoteFaults.isOffline = false
    for (let ms = 0; ms < 20_000 && b.disk.text('data/b.md.conflict') !== 'theirs'; ms += 5)
      await world.time.advance(5)
    b.losePower({ names: 0, contents: 1 })
    expect(b.disk.text('data/b.md.conflict')).toBe('')
    b.start()
    await rest(world)
    expect(b.disk.text('data/b.md.conflict')).toBe('theirs')
  })

  const FILES = { 'data/b.md': 'AAAA', 'data/notes/c.md': 'c', 'data/a.json': '{}' }
  /** Older than what the kernel writes by itself, and no whole second, which would look like a coarse file system's time. */
  const WRITTEN_MS = 40_010

  // The journal may keep the times of a write in place, and the disk not what was written.
  test('R4.6 a write that is lost while its times are kept is fetched again', async () => {
    let kept = 0
    for (let seed = 1; seed <= 8; seed += 1) {
      const { world, a } = await inStep(FILES, { seed })
      await world.time.advance(WRITTEN_MS)
      a.disk.writeInPlace('data/b.md', 'BBBB')
      await world.time.advance(200)
      expect(world.records().get(`${APP}:data/b.md`)?.content).toBe('BBBB')
      const { mtimeMs } = a.disk.get('data/b.md')!
      a.losePower({ names: 0, contents: 1 })
      expect(a.disk.text('data/b.md')).toBe('AAAA')
      if (a.disk.get('data/b.md')!.mtimeMs === mtimeMs) kept += 1
      a.start()
      await rest(world)
      expect(a.disk.text('data/b.md')).toBe('BBBB')
      for (const device of world.devices) device.crash()
    }
    expect(kept).toBeGreaterThan(0)
  })

  test('R4.6 a name that goes back to a newer file, over which an older one had been moved, is no edit', async () => {
    const { world, a, b } = await inStep({ ...FILES, 'data/older.md': 'older' })
    await world.time.advance(WRITTEN_MS)
    a.disk.writeByRename('data/b.md', 'newer')
    await world.time.advance(WRITTEN_MS)
    a.disk.move('data/older.md', 'data/b.md')
    await world.time.advance(400)
    expect(world.records().get(`${APP}:data/b.md`)?.content).toBe('older')
    a.losePower({ names: 1, contents: 0 })
    expect(a.disk.text('data/b.md')).toBe('newer')
    a.start()
    await rest(world)
    for (const device of [a, b]) expect(device.disk.text('data/b.md'), device.name).toBe('older')
    expect(world.ledger.violations).toEqual([])
  })

  test.each([
    { name: 'from shared', before: 'usual' },
    { name: 'from where it did not sync', before: 'narrow' },
  ] as const)(
    'R4.8 R15 what came from the private channel is not pushed over what is shared: $name',
    async ({ before }) => {
      const { world, a, b } = await inStep(FILES)
      for (const configuration of [before, 'notes private'] as const) {
        await a.setUp({ configuration })
        await world.time.advance(5_000)
      }
      await world.foreignSet('data/notes/c.md', 'secret', Math.floor(world.time.now), 'ann')
      await world.time.advance(5_000)
      expect(a.disk.text('data/notes/c.md')).toBe('secret')
      await a.setUp({ configuration: 'usual' })
      await rest(world)
      expect(b.disk.text('data/notes/c.md')).toBe('c')
      expect(world.records().get(`${APP}:data/notes/c.md`)?.content).toBe('c')
      expect(a.holds().map(({ reason }) => reason)).toEqual(['private-elsewhere'])
      expect(world.ledger.violations).toEqual([])
    },
  )

  test('R4.6 after a machine was shut down, deletes made while no engine ran are deletes', async () => {
    const { world, a, b } = await inStep(FILES)
    await a.stop()
    a.disk.delete('data/b.md')
    await a.reboot()
    a.start()
    await rest(world)
    expect(b.disk.text('data/b.md')).toBe(null)
    expect(world.ledger.violations).toEqual([])
  })

  test.each(['over', 'exchange'] as const)(
    'R8.10 R8.16 an older copy that is put back (%s) is held, and replaces nothing',
    async how => {
      const { world, a, b } = await inStep(FILES)
      a.copyFiles()
      a.disk.writeByRename('data/b.md', 'BBBB')
      await world.time.advance(WRITTEN_MS)
      await a.stop()
      a.putFilesBack(how, true)
      a.start()
      await rest(world)
      expect(a.holds().map(({ path, kind }) => ({ path, kind }))).toEqual([
        { path: 'data/b.md', kind: 'change' },
      ])
      expect(b.disk.text('data/b.md')).toBe('BBBB')
      await endAllByHand(world)
      expect(a.disk.text('data/b.md')).toBe('BBBB')
      expect(world.ledger.violations).toEqual([])
    },
  )

  test('R8.16 what was put aside for a merge that found no room is no older copy, also after a new start', async () => {
    const lines = (first: string, last: string): string => `${first}\nb\nc\nd\ne\n${last}\n`
    const { world, a, b } = await inStep({ ...FILES, 'data/b.md': lines('a', 'f') })
    b.disk.quotaBytes = 0
    b.remoteFaults.isOffline = true
    a.disk.writeByRename('data/b.md', lines('A', 'f'))
    b.disk.writeByRename('data/b.md', lines('a', 'F'))
    await world.time.advance(1_000)
    b.remoteFaults.isOffline = false
    await world.time.advance(10_000)
    expect(b.kept().length).toBeGreaterThan(0)
    expect(b.disk.text('data/b.md')).toBe(lines('a', 'F'))
    await b.stop()
    b.disk.quotaBytes = Number.POSITIVE_INFINITY
    b.start()
    await rest(world)
    expect(b.events.filter(event => event.type === 'file' && event.action === 'skip')).toEqual([])
    for (const device of [a, b]) expect(device.disk.text('data/b.md'), device.name).toBe(lines('A', 'F'))
    expect(world.ledger.violations).toEqual([])
  })

  test('R8.16 a copy that is put back with new times is an edit', async () => {
    const { world, a, b } = await inStep(FILES)
    a.copyFiles()
    a.disk.writeByRename('data/b.md', 'BBBB')
    await world.time.advance(WRITTEN_MS)
    await a.stop()
    a.putFilesBack('over', false)
    a.start()
    await rest(world)
    expect(a.holds()).toEqual([])
    expect(b.disk.text('data/b.md')).toBe('AAAA')
  })

  test('R8.11 a database that is put back with its log changes nothing on any device', async () => {
    const { world, a, b } = await inStep(FILES, { hasLog: true })
    await world.step({ act: 'copy-database', afterMs: 0 })
    a.disk.writeByRename('data/b.md', 'BBBB')
    a.disk.writeByRename('data/new.md', 'new')
    await world.time.advance(5_000)
    await world.step({ act: 'put-database-back', afterMs: 0 })
    await rest(world)
    for (const device of [a, b]) {
      expect(device.disk.text('data/b.md'), device.name).toBe('BBBB')
      expect(
        device.holds().map(({ path }) => path),
        device.name,
      ).toEqual(['data/b.md', 'data/new.md'])
    }
    await endAllByHand(world)
    expect(world.records().get(`${APP}:data/new.md`)?.content).toBe('new')
    expect(world.ledger.violations).toEqual([])
  })

  test.each(['under the engine’s eyes', 'while no engine runs'] as const)(
    'R8.17 what was written beneath a drive that was away is fetched again when it is back: %s',
    async how => {
      const { world, a, b } = await inStep(FILES, { hasDrive: true })
      a.moveDrive(false)
      a.disk.writeByRename('data/notes/new.md', 'new')
      a.disk.writeByRename('data/notes/c.md', 'edited beneath')
      await world.time.advance(5_000)
      for (const path of ['data/notes/new.md', 'data/notes/c.md'])
        expect(b.disk.text(path), path).toBe(a.disk.text(path))
      if (how === 'while no engine runs') await a.stop()
      a.moveDrive(true)
      a.start()
      await rest(world)
      for (const device of [a, b]) expect(device.disk.text('data/notes/new.md'), device.name).toBe('new')
      expect(b.disk.text('data/notes/c.md')).toBe('edited beneath')
      expect(a.holds().map(({ path, reason }) => [path, reason])).toEqual([
        ['data/notes/c.md', 'folder-restored'],
      ])
      await a.decideHolds('restore')
      await rest(world)
      expect(a.disk.text('data/notes/c.md')).toBe('edited beneath')
      expect(world.ledger.violations).toEqual([])
    },
  )

  test('R8.17 a drive that comes to lie over a folder for the first time deletes nothing', async () => {
    const { world, a, b } = await inStep(FILES)
    a.disk.unmount('data/notes')
    a.mountDrive('data/notes')
    await world.time.advance(5_000)
    await rest(world)
    for (const device of [a, b]) expect(device.disk.text('data/notes/c.md'), device.name).toBe('c')
    expect(a.holds()).toEqual([])
    expect(world.ledger.violations).toEqual([])
  })

  test('R8.17 a drive that is away deletes nothing, and its return ends the hold', async () => {
    const { world, a, b } = await inStep(FILES, { hasDrive: true })
    a.moveDrive(false)
    await world.time.advance(10_000)
    expect(a.holds().map(({ reason }) => reason)).toEqual(['mount-away'])
    a.moveDrive(true)
    await rest(world)
    expect(a.holds()).toEqual([])
    expect(b.disk.text('data/notes/c.md')).toBe('c')
    expect(world.ledger.violations).toEqual([])
  })
})

describe('absence is not deletion', () => {
  const MANY = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`data/many/${index}.md`, `content ${index}`]),
  )

  test('R8 a content root that is gone deletes nothing; its return ends it', async () => {
    const { world, a, b } = await inStep(MANY)
    const mount = a.disk.unmount('data')
    b.disk.writeByRename('data/many/0.md', 'edited meanwhile')
    await world.time.advance(10_000)
    expect(a.session!.status.state).toBe('held')
    expect(world.records().size).toBe(40)
    expect(b.disk.paths()).toHaveLength(40)
    mount()
    await rest(world)
    expect(a.disk.text('data/many/0.md')).toBe('edited meanwhile')
    expect(a.holds()).toEqual([])
    expect(world.ledger.violations).toEqual([])
  })

  test('R8 an empty folder in the place of the root deletes nothing; a new file in it still syncs', async () => {
    const { world, a, b } = await inStep(MANY)
    a.disk.unmount('data')
    a.disk.makeFolders('data')
    a.disk.writeByRename('data/fresh.md', 'fresh')
    await world.time.advance(10_000)
    expect(world.records().size).toBe(41)
    expect(b.disk.paths()).toHaveLength(41)
    expect(a.holds()).toHaveLength(40)
    expect(await a.decideHolds('restore')).toBe(40)
    await rest(world)
    expect(a.disk.paths()).toHaveLength(41)
    expect(world.ledger.violations).toEqual([])
  })

  test('R8 an emptied database deletes no file; an edit still goes there', async () => {
    const { world, a, b } = await inStep(MANY)
    for (const id of world.records().keys()) await world.foreignDelete(id)
    await world.time.advance(5_000)
    a.disk.writeByRename('data/many/1.md', 'edited')
    await world.time.advance(5_000)
    for (const device of [a, b]) expect(device.disk.paths(), device.name).toHaveLength(40)
    expect([...world.records().values()].map(({ content }) => content)).toEqual(['edited'])
    expect(b.disk.text('data/many/1.md')).toBe('edited')
    expect(a.holds()).toHaveLength(39)
    await endAllByHand(world)
    expect(world.records().size).toBe(40)
    expect(world.ledger.violations).toEqual([])
  })

  test('R8.9 25 of 40 deletes are held until they are approved, and then carried out everywhere', async () => {
    const { world, a, b } = await inStep(MANY)
    for (let index = 0; index < 25; index += 1) a.disk.delete(`data/many/${index}.md`)
    await world.time.advance(10_000)
    expect(world.records().size).toBe(40)
    expect(a.holds()).toHaveLength(25)
    await a.decideHolds('approve')
    await rest(world)
    expect(world.records().size).toBe(15)
    for (const device of [a, b]) expect(device.disk.paths(), device.name).toHaveLength(15)
    expect(b.kept().length).toBeGreaterThanOrEqual(25)
    expect(world.ledger.violations).toEqual([])
  })
})

function failingUnlinks(device: Device): { createFailure(): void; clear(): void } {
  return {
    createFailure: () => {
      device.failCall = call =>
        call.name === 'unlink' && call.path.includes('-old')
          ? new FileSystemError('EIO', call.path, 'input/output error')
          : null
    },
    clear: () => {
      device.failCall = null
    },
  }
}
