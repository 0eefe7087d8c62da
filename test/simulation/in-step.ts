/** Where stories begin that are told by hand: two devices and the database hold the same files. */
import { expect } from 'vitest'
import type { Device } from './device.ts'
import type { Plan, Step } from './steps.ts'
import { World } from './world.ts'

const BASE = {
  seed: 1,
  devices: 2,
  kind: 'wild',
  isFiveMethods: false,
  hardLinks: true,
  callMs: 0.02,
} as const

export function plan(steps: readonly Step[], rest: Partial<Plan> = {}): Plan {
  return { ...BASE, ...rest, steps }
}

export async function inStep(
  files: Readonly<Record<string, string>>,
  options: Partial<Plan> = {},
): Promise<{ world: World; a: Device; b: Device }> {
  const world = new World(plan([], options))
  const [a, b] = [world.devices[0]!, world.devices[1]!]
  for (const [path, content] of Object.entries(files)) a.disk.writeByRename(path, content)
  for (const device of world.devices) device.start()
  await world.time.advance(5_000)
  expect(b.disk.paths()).toEqual(Object.keys(files).sort())
  return { world, a, b }
}
