/** Carries out a list of steps on real devices, and asks after each observation whether it was possible. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { noteFolder, noteRemoved } from '../support/orphans.ts'
import { pace, PATIENCE_MS, until } from '../support/until.ts'
import { PossibleStates, type Rest, type Value } from './possible-states.ts'
import { APP, PATH, RealDevice } from './real-device.ts'

export type Step =
  | {
      readonly do: 'write'
      readonly device: number
      readonly value: string
      readonly how: 'in place' | 'by rename'
    }
  | { readonly do: 'delete'; readonly device: number }
  | { readonly do: 'read'; readonly device: number }
  | { readonly do: 'sleep'; readonly ms: number }
  | { readonly do: 'rest' }
  | { readonly do: 'kill'; readonly device: number }
  | { readonly do: 'start'; readonly device: number }

/** What happened, so that a test can tell that something did. */
export interface Counts {
  pushes: number
  pulls: number
  deletes: number
  conflicts: number
  kills: number
  rests: number
  /** The most states that were possible at one time. */
  states: number
}

export function noCounts(): Counts {
  return { pushes: 0, pulls: 0, deletes: 0, conflicts: 0, kills: 0, rests: 0, states: 0 }
}

const DEVICES = ['a', 'b']
/** Once its loop has turned twice, an engine has looked again at all there is. */
const TURNS_OF_A_LOOK = 2

/** Throws where what was observed is impossible. */
export async function run(steps: readonly Step[], counts: Counts): Promise<void> {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-model-')))
  noteFolder(top)
  const databasePath = join(top, 'sync.db')
  const devices = DEVICES.map(name => new RealDevice(name, top, databasePath))
  const possible = new PossibleStates(devices.length)
  try {
    for (const device of devices) device.start()
    for (const [at, step] of [...steps, ...ending(devices)].entries()) {
      await carryOut(step, devices, possible, databasePath, counts)
      counts.states = Math.max(counts.states, possible.count)
      const failure = devices.flatMap(({ failures }) => failures)[0]
      if (failure !== undefined) throw new Error(`step ${at}: an engine failed`, { cause: failure })
    }
  } finally {
    for (const device of devices) {
      count(device, counts)
      await device.kill()
    }
    rmSync(top, { recursive: true, force: true, maxRetries: 5 })
    noteRemoved(top)
  }
}

function ending(devices: readonly RealDevice[]): Step[] {
  return [...devices.map((_, device) => ({ do: 'start', device }) as const), { do: 'rest' }]
}

async function carryOut(
  step: Step,
  devices: readonly RealDevice[],
  possible: PossibleStates,
  databasePath: string,
  counts: Counts,
): Promise<void> {
  const before = possible.describe()
  const demand = (seen: unknown): void => {
    if (possible.count > 0) return
    throw new Error(
      `impossible after ${JSON.stringify(step)}: ${JSON.stringify(seen)}; possible before it:\n${before}`,
    )
  }
  switch (step.do) {
    case 'sleep':
      return pace(step.ms)
    case 'read': {
      const value = devices[step.device]!.read()
      possible.read(step.device, value)
      return demand(value)
    }
    case 'write':
    case 'delete': {
      const value = step.do === 'write' ? step.value : null
      const former = devices[step.device]!.write(value, step.do === 'write' ? step.how : 'in place')
      possible.write(step.device, former, value)
      return demand({ former })
    }
    case 'kill':
      if (!devices[step.device]!.isRunning) return
      counts.kills += 1
      possible.kill(step.device)
      return devices[step.device]!.kill()
    case 'start':
      if (devices[step.device]!.isRunning) return
      possible.start(step.device)
      devices[step.device]!.start()
      return
    case 'rest': {
      for (const device of devices.keys())
        await carryOut({ do: 'start', device }, devices, possible, databasePath, counts)
      const seen = await restOf(devices, databasePath)
      counts.rests += 1
      possible.rest(seen)
      return demand(seen)
    }
  }
}

/** Waits until nothing is left to do, and every engine has found that by another look at everything; then looks. */
async function restOf(devices: readonly RealDevice[], databasePath: string): Promise<Rest> {
  const look = (): Rest => ({
    record: recordIn(databasePath),
    devices: devices.map(device => ({ local: device.read(), conflict: device.conflict() })),
  })
  const isStill = (): boolean => {
    const seen = look()
    return seen.devices.every(({ local, conflict }, at) => {
      const isSettled =
        local === seen.record
          ? conflict === null
          : conflict?.remote === seen.record && conflict?.local === local
      const device = devices[at]!
      return isSettled && device.isIdle && device.isTidy() && device.copy() === (conflict?.remote ?? null)
    })
  }
  let since: readonly number[] | null = null
  const isAtRest = (): boolean => {
    if (!isStill()) since = null
    else if (since === null) {
      since = devices.map(({ turns }) => turns)
      for (const device of devices) device.lookAgain()
    } else if (devices.every(({ turns }, at) => turns >= since![at]! + TURNS_OF_A_LOOK)) return true
    else for (const device of devices) device.wake()
    return false
  }
  for (const device of devices) device.lookAgain()
  await until(isAtRest, 'rest', () => JSON.stringify([look(), devices.map(({ events }) => events.slice(-5))]))
  return look()
}

function recordIn(databasePath: string): Value {
  const client = new Sqlite(databasePath, { timeout: PATIENCE_MS })
  try {
    const row = client
      .prepare<[string], { content: string }>('SELECT content FROM files WHERE id = ?')
      .get(`${APP}:${PATH}`)
    return row?.content ?? null
  } finally {
    client.close()
  }
}

function count(device: RealDevice, counts: Counts): void {
  for (const event of device.events) {
    if (event.type !== 'file' || event.path !== PATH) continue
    if (event.action === 'push') counts.pushes += 1
    else if (event.action === 'pull') counts.pulls += 1
    else if (event.action === 'conflict') counts.conflicts += 1
    else if (event.action.startsWith('delete')) counts.deletes += 1
  }
}
