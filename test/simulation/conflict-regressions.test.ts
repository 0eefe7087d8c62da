/** What the simulation has found of merges and conflicts, told again as short stories. */
import { expect, test } from 'vitest'
import { FileSystemError } from '../../src/engine/ports/file-system.ts'
import type { Device } from './device.ts'
import { digestOf, MANY_PATHS } from './contents.ts'
import { inStep, plan } from './in-step.ts'
import { rest } from './run.ts'
import { World } from './world.ts'

const PATH = 'data/a.json'
const COPY = 'data/b.md.conflict'

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

test.each([0, 1, 12])(
  'R5 a program that read before a pull and writes %i ms after it takes nothing back',
  async afterMs => {
    const { world, a, b } = await inStep({ [PATH]: json({ a: 1, b: 1, c: 1 }) })
    const onContent = (path: string): void => {
      if (path !== PATH) return
      b.disk.listeners.delete(listener)
      // It has set its own key in what it had read a moment ago.
      world.time.after(afterMs, () => b.disk.writeByRename(PATH, json({ a: 1, b: 2, c: 1 })))
    }
    const listener = { onContent }
    b.disk.listeners.add(listener)
    a.disk.writeByRename(PATH, json({ a: 2, b: 1, c: 1 }))
    await rest(world)
    for (const device of [a, b]) expect(device.disk.text(PATH), device.name).toBe(json({ a: 2, b: 2, c: 1 }))
    expect(world.ledger.violations).toEqual([])
  },
)

test('R6 a kept conflict copy that could not be removed does not come back', async () => {
  const { world, a, b } = await inStep({ 'data/b.md': 'former' })
  await inConflict(world, a, b)
  b.failCall = call =>
    call.name === 'unlink' && call.path.includes('_tmp-') && call.path.endsWith('.conflict')
      ? new FileSystemError('EIO', call.path, 'input/output error')
      : null
  a.disk.writeByRename('data/b.md', 'theirs again')
  await world.time.advance(5_000)
  b.disk.writeByRename('data/b.md', 'theirs again')
  await world.time.advance(5_000)
  b.failCall = null
  await b.stop()
  b.start()
  await rest(world)
  expect(b.disk.paths()).toEqual(['data/b.md'])
  expect(world.ledger.violations).toEqual([])
})

test('R5 a file that is moved over a path after a pull is what was put there', async () => {
  const { world, a, b } = await inStep({ [PATH]: json({ a: 1, b: 1, c: 1 }) })
  b.disk.writeByRename('backup.json', json({ a: 1, b: 2, c: 1 }))
  await world.time.advance(1_000)
  a.disk.writeByRename(PATH, json({ a: 2, b: 1, c: 1 }))
  await world.time.advance(1_000)
  expect(b.disk.text(PATH)).toBe(json({ a: 2, b: 1, c: 1 }))
  b.disk.move('backup.json', PATH)
  await rest(world)
  for (const device of [a, b]) expect(device.disk.text(PATH), device.name).toBe(json({ a: 1, b: 2, c: 1 }))
})

test('R1 R8 what restore-held takes out of the database is in the history', async () => {
  const world = new World(plan([], { devices: 1 }))
  const device = world.devices[0]!
  for (const path of MANY_PATHS) device.disk.writeByRename(path, `mine ${path}`)
  device.start()
  await world.time.advance(5_000)
  await device.stop()
  for (const path of MANY_PATHS) await world.foreignSet(path, `theirs ${path}`, world.time.now)
  device.start()
  await world.time.advance(5_000)
  expect(device.holds()).toHaveLength(MANY_PATHS.length)
  await device.decideHolds('restore')
  await rest(world)
  for (const path of MANY_PATHS) {
    expect(device.disk.text(path)).toBe(`mine ${path}`)
    expect(device.kept()).toContain(digestOf(`theirs ${path}`))
  }
  expect(world.ledger.violations).toEqual([])
})

async function inConflict(world: World, a: Device, b: Device): Promise<void> {
  b.remoteFaults.isOffline = true
  a.disk.writeByRename('data/b.md', 'theirs')
  b.disk.writeByRename('data/b.md', 'mine')
  await world.time.advance(1_000)
  b.remoteFaults.isOffline = false
  await world.time.advance(10_000)
  expect(b.disk.text(COPY)).toBe('theirs')
}
