/**
 * Short stories in which one device is killed at every single call to the outside, one after another, until
 * the story passes without a kill. However far it came, the end is the same. The power is cut at every call as well: then
 * what programs had just written may be lost, and nothing else.
 */
import { describe, expect, test } from 'vitest'
import type { PowerCut } from '../fakes/fake-disk.ts'
import type { CrashPlan, Device } from './device.ts'
import { endAllByHand, rest } from './run.ts'
import type { Plan } from './steps.ts'
import { World } from './world.ts'

const PLAN: Plan = {
  seed: 7,
  devices: 2,
  kind: 'calm',
  isFiveMethods: false,
  hardLinks: true,
  callMs: 0.02,
  steps: [],
}
/** A story has fewer calls than this. */
const MOST_CALLS = 2_000

interface Story {
  readonly name: string
  /** Which device is killed. */
  readonly victim: 0 | 1
  before(a: Device, b: Device): void
  act(a: Device, b: Device, world: World): void | Promise<void>
  /** What programs do after the kill, before the next start. */
  whileDown?(a: Device, b: Device, world: World): void | Promise<void>
  /** Path and content on both devices at the end, once conflicts are ended by taking the record's content. */
  readonly end: Readonly<Record<string, string>> | 'any of both'
  readonly conflicts: 0 | 1
}

/** Nine lines, some of them with the name of who has changed them. */
function linesOf(changed: Readonly<Record<string, string>>): string {
  const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
  return names.map(name => (name in changed ? `${name}, by ${changed[name]}\n` : `${name}\n`)).join('')
}

const NOTHING = (): void => {}
const ALL: PowerCut = { names: 1, contents: 1 }

const STORIES: readonly Story[] = [
  {
    name: 'R1 R2 a new file is pushed',
    victim: 0,
    before: NOTHING,
    act: a => a.disk.writeByRename('data/notes/c.md', 'new'),
    end: { 'data/notes/c.md': 'new' },
    conflicts: 0,
  },
  {
    name: 'R1 R2 R9 F6 new files are pulled',
    victim: 1,
    before: NOTHING,
    act: a => {
      a.disk.writeByRename('data/notes/c.md', 'new')
      a.disk.writeByRename('data/notes/deep/e.txt', 'other')
    },
    end: { 'data/notes/c.md': 'new', 'data/notes/deep/e.txt': 'other' },
    conflicts: 0,
  },
  {
    name: 'R1 R2 R9 an edit is pulled over the former content',
    victim: 1,
    before: a => a.disk.writeByRename('data/b.md', 'former'),
    act: a => a.disk.writeInPlace('data/b.md', 'edited'),
    end: { 'data/b.md': 'edited' },
    conflicts: 0,
  },
  {
    name: 'R2 F14 a delete is carried out, and what was deleted does not come back',
    victim: 1,
    before: a => {
      a.disk.writeByRename('data/b.md', 'goes')
      a.disk.writeByRename('data/notes/c.md', 'stays')
    },
    act: a => a.disk.delete('data/b.md'),
    end: { 'data/notes/c.md': 'stays' },
    conflicts: 0,
  },
  {
    name: 'R2 F14 a delete is told to the database',
    victim: 0,
    before: a => {
      a.disk.writeByRename('data/b.md', 'goes')
      a.disk.writeByRename('data/notes/c.md', 'stays')
    },
    act: a => a.disk.delete('data/b.md'),
    end: { 'data/notes/c.md': 'stays' },
    conflicts: 0,
  },
  {
    name: 'R2 F14 a folder is renamed',
    victim: 0,
    before: a => {
      a.disk.writeByRename('data/notes/c.md', 'one')
      a.disk.writeByRename('data/notes/deep/e.txt', 'two')
    },
    act: a => a.disk.move('data/notes', 'data/other'),
    end: { 'data/other/c.md': 'one', 'data/other/deep/e.txt': 'two' },
    conflicts: 0,
  },
  {
    name: 'R7 an edit here beats a delete there',
    victim: 1,
    before: a => {
      a.disk.writeByRename('data/b.md', 'former')
      a.disk.writeByRename('data/a.json', '{}')
    },
    act: (a, b) => {
      a.disk.delete('data/b.md')
      b.disk.writeByRename('data/b.md', 'edited')
    },
    end: { 'data/b.md': 'edited', 'data/a.json': '{}' },
    conflicts: 0,
  },
  {
    name: 'R6 both edit the same file, and the one that comes later keeps both',
    victim: 1,
    before: a => a.disk.writeByRename('data/b.md', 'former'),
    act: async (a, b, world) => {
      b.remoteFaults.isOffline = true
      a.disk.writeByRename('data/b.md', 'mine')
      b.disk.writeByRename('data/b.md', 'yours')
      await world.time.advance(1_000)
      b.remoteFaults.isOffline = false
    },
    end: { 'data/b.md': 'mine' },
    conflicts: 1,
  },
  {
    name: 'R5 a merge that was cut off merges with what has come since',
    victim: 1,
    before: a => a.disk.writeByRename('data/b.md', linesOf({})),
    act: async (a, b, world) => {
      b.remoteFaults.isOffline = true
      a.disk.writeByRename('data/b.md', linesOf({ one: 'a' }))
      b.disk.writeByRename('data/b.md', linesOf({ nine: 'b' }))
      await world.time.advance(1_000)
      b.remoteFaults.isOffline = false
    },
    whileDown: async (a, _b, world) => {
      a.disk.writeByRename('data/b.md', a.disk.text('data/b.md')!.replace('five\n', 'five, by a\n'))
      await world.time.advance(1_000)
    },
    end: { 'data/b.md': linesOf({ one: 'a', five: 'a', nine: 'b' }) },
    conflicts: 0,
  },
  {
    name: 'R6 a conflict that ends while the device is down leaves no copy behind',
    victim: 1,
    before: a => a.disk.writeByRename('data/b.md', 'former'),
    act: async (a, b, world) => {
      b.remoteFaults.isOffline = true
      a.disk.writeByRename('data/b.md', 'mine')
      b.disk.writeByRename('data/b.md', 'yours')
      await world.time.advance(1_000)
      b.remoteFaults.isOffline = false
    },
    whileDown: (_a, b) => b.disk.writeByRename('data/b.md', 'mine'),
    end: { 'data/b.md': 'mine' },
    conflicts: 0,
  },
  {
    name: 'R1 a program writes late into a file that was replaced',
    victim: 1,
    before: a => a.disk.writeByRename('data/b.md', 'former'),
    act: async (a, b, world) => {
      const file = b.disk.open('data/b.md')
      a.disk.writeByRename('data/b.md', 'edited')
      await world.time.advance(80)
      file.write('late')
      file.close()
    },
    end: 'any of both',
    conflicts: 1,
  },
  {
    name: 'R9.3 a log goes on while a program has it open',
    victim: 1,
    before: a => a.disk.writeByRename('data/b.log', 'first\n'),
    act: async (a, b, world) => {
      const file = b.disk.open('data/b.log', 'appending')
      a.disk.writeByRename('data/b.log', 'first\nfrom the other device\n')
      await world.time.advance(500)
      file.close()
    },
    end: { 'data/b.log': 'first\nfrom the other device\n' },
    conflicts: 0,
  },
  {
    name: 'R8 an emptied database deletes nothing, and restoring gives it back',
    victim: 1,
    before: a => {
      a.disk.writeByRename('data/b.md', 'one')
      a.disk.writeByRename('data/a.json', '{}')
    },
    act: async (_a, _b, world) => {
      for (const id of world.records().keys()) await world.foreignDelete(id)
    },
    end: { 'data/b.md': 'one', 'data/a.json': '{}' },
    conflicts: 0,
  },
]

for (const story of STORIES) {
  test(`${story.name}, killed at every call`, async () => {
    let kills = 0
    // Before a call is after the one before it.
    for (const when of ['midway', 'after'] as const) {
      let call = 1
      for (; call < MOST_CALLS; call += 1) if (!(await tell(story, call, when))) break
      if (when !== 'midway') expect(call, 'the story ends').toBeLessThan(MOST_CALLS)
      kills += call - 1
    }
    expect(kills).toBeGreaterThan(15)
  })
}

describe('R1 R4.6 where the power is cut at every call, both devices end alike, and nothing is lost that was not just written', () => {
  for (const story of STORIES) {
    test(story.name, async () => {
      let cuts = 0
      // All that is not flushed goes, only names, or only contents: by turns.
      const losses = [ALL, { names: 1, contents: 0 }, { names: 0, contents: 1 }]
      while (cuts < MOST_CALLS && (await cutPower(story, cuts + 1, losses[cuts % losses.length]!))) cuts += 1
      expect(cuts).toBeGreaterThan(10)
    })
  }
})

/** Whether the power went at this call of the victim's. */
async function cutPower(story: Story, call: number, powerCut: PowerCut): Promise<boolean> {
  const { world, victim } = await begin(story, call, 'after', powerCut)
  const at = `${victim.name} without power after call ${call}`
  await endAllByHand(world)
  expect(world.ledger.violations, at).toEqual([])
  const [a, b] = world.devices.map(filesOf)
  expect(a, at).toEqual(b)
  for (const device of world.devices) device.crash()
  return victim.powerCuts > 0
}

/** Whether the victim was killed at this call. */
async function tell(story: Story, call: number, when: CrashPlan['when']): Promise<boolean> {
  const { world, victim, wasKilled } = await begin(story, call, when)
  const at = `${victim.name} killed ${when} call ${call}`
  const conflicts = world.devices.reduce((sum, device) => sum + device.conflicts().length, 0)
  if (story.conflicts === 0) expect(conflicts, at).toBe(0)
  else expect(conflicts, at).toBeLessThanOrEqual(story.conflicts)
  await endAllByHand(world)
  expect(world.ledger.violations, at).toEqual([])
  for (const device of world.devices) {
    const files = filesOf(device)
    if (story.end === 'any of both') expect(Object.keys(files), at).toEqual(['data/b.md'])
    else expect(files, `${device.name}, ${at}`).toEqual(story.end)
    device.crash()
  }
  return wasKilled
}

/** Up to where all are at rest again. */
async function begin(story: Story, call: number, when: CrashPlan['when'], powerCut?: PowerCut) {
  const world = new World(PLAN)
  const [a, b] = [world.devices[0]!, world.devices[1]!]
  const victim = world.devices[story.victim]!
  for (const device of world.devices) device.start()
  story.before(a, b)
  await world.time.advance(3_000)
  victim.crashPlan = { call: victim.calls + call, when, ...(powerCut && { powerCut }) }
  await story.act(a, b, world)
  await world.time.advance(3_000)
  const wasKilled = victim.crashes > 0
  await story.whileDown?.(a, b, world)
  world.heal()
  await rest(world)
  return { world, victim, wasKilled }
}

function filesOf({ disk }: Device): Readonly<Record<string, string | null>> {
  return Object.fromEntries(disk.paths().map(path => [path, disk.text(path)]))
}
