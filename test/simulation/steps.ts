/** What may happen in a simulation, as plain values: a failing run is told, shortened and replayed as a list of them. */
import type { Random } from '../fakes/random.ts'
import type { ConflictPolicy } from '../../src/engine/core/sync-config.ts'
import type { PutBack } from '../fakes/fake-disk.ts'
import { CONFIGURATIONS, type Configuration } from './configurations.ts'
import { FOLDERS, PATHS } from './contents.ts'
import type { Take } from './device.ts'
import type { DatabaseName } from './world.ts'

/** 'pool' contents are few and meet often; 'unique' ones are never written twice. */
export type Content =
  | { readonly kind: 'pool'; readonly index: number }
  | { readonly kind: 'unique'; readonly serial: number }
  | { readonly kind: 'binary'; readonly serial: number }
  /** JSON that does not parse. */
  | { readonly kind: 'broken'; readonly serial: number }

export type ProgramAct =
  | { readonly act: 'save'; readonly path: string; readonly content: Content }
  /** Truncates and writes in place, half of it first; `gapMs` lies between the three. */
  | { readonly act: 'write'; readonly path: string; readonly content: Content; readonly gapMs: number }
  | { readonly act: 'append'; readonly path: string; readonly content: Content }
  /** Reads the file, sets, adds or removes one key or line, and saves it; with `gapMs` in place. */
  | {
      readonly act: 'edit'
      readonly path: string
      readonly kind: 'set' | 'add' | 'remove'
      readonly where: number
      readonly serial: number
      readonly gapMs?: number
    }
  | { readonly act: 'delete'; readonly path: string }
  | { readonly act: 'recreate'; readonly path: string; readonly content: Content; readonly gapMs: number }
  | { readonly act: 'move'; readonly path: string; readonly to: string }
  | { readonly act: 'touch'; readonly path: string; readonly backMs: number }
  | { readonly act: 'folder'; readonly path: string }
  /** Opens the file now and writes into it later, whatever has become of its name. */
  | { readonly act: 'late-write'; readonly path: string; readonly content: Content; readonly gapMs: number }
  /** Opens the file now, to append to it later, twice. */
  | { readonly act: 'late-append'; readonly path: string; readonly serial: number; readonly gapMs: number }

export type Act =
  | (ProgramAct & { readonly device: number })
  /** The program's act comes just before the engine's n-th next change of the disk. */
  | { readonly act: 'ambush'; readonly device: number; readonly changes: number; readonly what: ProgramAct }
  | {
      readonly act: 'foreign-set'
      readonly path: string
      readonly content: Content
      readonly isSameVersion: boolean
    }
  | { readonly act: 'foreign-delete'; readonly path: string }
  /** Many files at once: made, changed or deleted. */
  | { readonly act: 'mass'; readonly device: number; readonly what: Mass; readonly serial: number }
  | { readonly act: 'foreign-mass'; readonly what: Mass; readonly serial: number }
  | { readonly act: 'configure'; readonly device: number; readonly configuration: Configuration }
  | { readonly act: 'lose-state'; readonly device: number }
  | { readonly act: 'resolve'; readonly device: number; readonly take: Take; readonly content: Content }
  | { readonly act: 'snapshot' }
  | { readonly act: 'restore-snapshot' }
  | { readonly act: 'empty-database' }
  | { readonly act: 'exchange-database' }
  | { readonly act: 'unmount-root'; readonly device: number }
  | { readonly act: 'mount-root'; readonly device: number }
  | {
      readonly act: 'crash'
      readonly device: number
      readonly calls: number
      readonly when: 'before' | 'midway' | 'after'
    }
  /** The machine goes down at the n-th next call of the engine, now where that is 0, and loses so much of what was not flushed. */
  | {
      readonly act: 'power-cut'
      readonly device: number
      readonly calls: number
      readonly when: 'before' | 'midway' | 'after'
      readonly names: number
      readonly contents: number
    }
  /** Nothing is lost. */
  | { readonly act: 'reboot'; readonly device: number }
  | { readonly act: 'copy-files'; readonly device: number }
  | {
      readonly act: 'put-files-back'
      readonly device: number
      readonly how: PutBack
      readonly areTimesKept: boolean
    }
  /** With its log. */
  | { readonly act: 'copy-database' }
  | { readonly act: 'put-database-back' }
  | { readonly act: 'copy-state'; readonly device: number }
  | { readonly act: 'put-state-back'; readonly device: number }
  | { readonly act: 'drive'; readonly device: number; readonly isThere: boolean }
  | { readonly act: 'use-database'; readonly device: number; readonly database: DatabaseName }
  | { readonly act: 'use-user'; readonly device: number; readonly user: User }
  | { readonly act: 'start'; readonly device: number }
  | { readonly act: 'stop'; readonly device: number }
  | { readonly act: 'offline'; readonly device: number; readonly isOffline: boolean }
  | { readonly act: 'faults'; readonly device: number; readonly share: number; readonly slowMs: number }
  | { readonly act: 'lost-answers'; readonly device: number; readonly share: number }
  | {
      readonly act: 'hints'
      readonly device: number
      readonly lost: number
      readonly doubled: number
      readonly delayMs: number
    }
  | { readonly act: 'watcher'; readonly device: number; readonly lost: number; readonly delayMs: number }
  | { readonly act: 'overflow'; readonly device: number }
  | { readonly act: 'full-disk'; readonly device: number; readonly bytes: number }
  | { readonly act: 'bad-disk'; readonly device: number; readonly share: number }
  | {
      readonly act: 'deny'
      readonly device: number
      readonly path: string
      readonly right: 'read' | 'change' | 'enter'
    }
  | { readonly act: 'allow'; readonly device: number }
  | { readonly act: 'jump-clock'; readonly device: number; readonly ms: number }
  | { readonly act: 'decide'; readonly device: number; readonly decision: 'approve' | 'restore' }
  | { readonly act: 'rescan'; readonly device: number }
  | { readonly act: 'wait' }

type User = 'ann' | 'bob'

export type Mass = 'make' | 'change' | 'delete'

/** `afterMs` goes by before it. */
export type Step = Act & { readonly afterMs: number }

export interface Plan {
  readonly seed: number
  readonly devices: number
  /** What may happen beside programs and slow calls; `broken`: what breaks the watch over files or records. */
  readonly kind: 'calm' | 'faulty' | 'wild' | 'broken'
  readonly isFiveMethods: boolean
  readonly hardLinks: boolean
  readonly callMs: number
  /** How coarsely the devices' file systems keep times, in milliseconds; 4 where it is absent. */
  readonly tickMs?: number
  /** Longest time of a commit of the state store, in milliseconds: programs go on meanwhile. */
  readonly stateMs?: number
  /** For what lies below one folder; `merge` elsewhere. */
  readonly policy?: ConflictPolicy
  /** Whether the databases keep a log. */
  readonly hasLog?: boolean
  /** Whether a drive lies over a folder of the first device. */
  readonly hasDrive?: boolean
  readonly steps: readonly Step[]
}

const GAPS_MS = [0, 0, 1, 5, 15, 30, 80, 200, 400, 1_500, 4_000] as const

export function planOf(random: Random, seed: number): Plan {
  const kind = random.pick(['calm', 'faulty', 'wild', 'broken'] as const)
  const devices = random.chance(0.6) ? 2 : 3
  const count = 6 + random.below(random.chance(0.2) ? 60 : 24)
  const source = contentSource(random)
  const steps: Step[] = []
  while (steps.length < count) {
    if (kind === 'broken' && random.chance(0.25)) steps.push(...breaking(random, devices, source))
    else if (random.chance(0.12)) steps.push(...meeting(random, kind, devices, source))
    else steps.push({ ...actOf(random, kind, devices, source), afterMs: random.pick(GAPS_MS) })
  }
  return {
    seed,
    devices,
    kind,
    isFiveMethods: kind !== 'wild' && kind !== 'broken' && random.chance(0.15),
    hardLinks: random.chance(0.85),
    callMs: random.pick([0, 0.02, 0.3, 2]),
    stateMs: random.pick([0, 3, 40]),
    policy: random.chance(0.7) ? 'merge' : random.pick(['ask', 'newest', 'local', 'remote'] as const),
    hasLog: random.chance(0.6),
    hasDrive: kind === 'broken' && random.chance(0.4),
    tickMs: random.chance(0.85) ? 4 : random.pick([1_000, 2_000]),
    steps,
  }
}

interface Source {
  content(): Content
  serial(): number
}

function contentSource(random: Random): Source {
  let last = 0
  const serial = (): number => (last += 1)
  const content = (): Content => {
    const chance = random.next()
    if (chance < 0.45) return { kind: 'pool', index: random.below(3) }
    if (chance < 0.9) return { kind: 'unique', serial: serial() }
    return { kind: chance < 0.95 ? 'binary' : 'broken', serial: serial() }
  }
  return { content, serial }
}

/** Two devices change one file at about the same time, and what comes of it may be answered by a person. */
function meeting(random: Random, kind: Plan['kind'], devices: number, source: Source): Step[] {
  const path = random.pick(PATHS)
  const first = random.below(devices)
  const second = (first + 1) % devices
  const edit = (): ProgramAct => ({
    act: 'edit',
    path,
    kind: random.pick(['set', 'set', 'add', 'remove'] as const),
    where: random.below(9),
    serial: source.serial(),
  })
  const write = (): ProgramAct => ({ act: 'save', path, content: source.content() })
  const change = random.chance(0.75) ? edit : write
  const afterMs = random.pick([0, 0, 1, 5, 20])
  const steps: Step[] = [
    { device: first, ...edit(), afterMs: random.pick(GAPS_MS) },
    { device: first, ...change(), afterMs: random.pick([400, 1_500]) },
    { device: second, ...change(), afterMs },
  ]
  if (kind === 'calm' || random.chance(0.3)) return steps
  for (const device of [first, second]) steps.push({ ...answer(random, device, source), afterMs: 1_500 })
  return steps
}

function answer(random: Random, device: number, source: Source): Act {
  const take = random.pick(['local', 'remote', 'both', 'content'] as const)
  return { act: 'resolve', device, take, content: source.content() }
}

function actOf(random: Random, kind: Plan['kind'], devices: number, source: Source): Act {
  const device = random.below(devices)
  const chance = random.next()
  if (kind === 'calm' || chance < 0.6) return calmAct(random, device, source)
  // What breaks there are sequences: see `breaking`.
  if (kind === 'broken' && chance < 0.9) return calmAct(random, device, source)
  if (kind === 'faulty' || kind === 'broken' || chance < 0.85) return faultyAct(random, device, source)
  return wildAct(random, device, source)
}

function calmAct(random: Random, device: number, source: Source): Act {
  if (random.chance(0.06)) return { act: 'wait' }
  if (random.chance(0.1)) {
    return { act: 'ambush', device, changes: 1 + random.below(6), what: programAct(random, source) }
  }
  return { device, ...programAct(random, source) }
}

function programAct(random: Random, source: Source): ProgramAct {
  const path = random.pick(PATHS)
  const gapMs = random.pick([0, 1, 4, 12, 40, 120])
  if (random.chance(0.35)) {
    const kind = random.pick(['set', 'set', 'add', 'remove'] as const)
    const edit = { act: 'edit', path, kind, where: random.below(9), serial: source.serial() } as const
    return random.chance(0.6) ? edit : { ...edit, gapMs }
  }
  switch (random.below(14)) {
    case 0:
    case 1:
    case 2:
      return { act: 'save', path, content: source.content() }
    case 3:
    case 4:
    case 5:
      return { act: 'write', path, content: source.content(), gapMs }
    case 6:
      return { act: 'append', path, content: source.content() }
    case 7:
    case 8:
      return { act: 'delete', path }
    case 9:
      return {
        act: 'recreate',
        path,
        content: source.content(),
        gapMs: random.pick([0, 10, 100, 240, 300, 600]),
      }
    case 10:
      return { act: 'move', path, to: random.pick(PATHS) }
    case 11:
      return random.chance(0.5)
        ? { act: 'move', path: random.pick(FOLDERS), to: random.pick(FOLDERS) }
        : { act: 'folder', path: random.pick([...FOLDERS, ...PATHS]) }
    case 12:
      return { act: 'touch', path, backMs: random.pick([0, 5_000, -5_000]) }
    default: {
      const lateMs = random.pick([5, 40, 150, 1_000, 20_000])
      return random.chance(0.5)
        ? { act: 'late-write', path, content: source.content(), gapMs: lateMs }
        : { act: 'late-append', path, serial: source.serial(), gapMs: lateMs }
    }
  }
}

function faultyAct(random: Random, device: number, source: Source): Act {
  switch (random.below(19)) {
    case 16:
    case 17:
    case 18:
      return answer(random, device, source)
    case 0:
    case 1:
      return { act: 'offline', device, isOffline: random.chance(0.5) }
    case 2:
      return { act: 'faults', device, share: random.pick([0, 0.1, 0.5]), slowMs: random.pick([0, 20, 300]) }
    case 3:
      return {
        act: 'hints',
        device,
        lost: random.pick([0, 0.3, 1]),
        doubled: random.pick([0, 0.5]),
        delayMs: random.pick([0, 30, 800]),
      }
    case 4:
      return { act: 'watcher', device, lost: random.pick([0, 0.3, 1]), delayMs: random.pick([0, 60, 500]) }
    case 5:
      return { act: 'overflow', device }
    case 6:
      return { act: 'full-disk', device, bytes: random.pick([0, 60, Number.MAX_SAFE_INTEGER]) }
    case 7:
      return { act: 'bad-disk', device, share: random.pick([0, 0.1, 0.4]) }
    case 8:
      return {
        act: 'deny',
        device,
        path: random.pick([...PATHS, ...FOLDERS]),
        right: random.pick(['read', 'change', 'enter'] as const),
      }
    case 9:
      return { act: 'allow', device }
    case 10:
      return { act: 'stop', device }
    case 11:
    case 12:
      return { act: 'start', device }
    case 13:
      return { act: 'rescan', device }
    case 14:
      return { act: 'decide', device, decision: random.pick(['approve', 'restore'] as const) }
    default:
      return calmAct(random, device, source)
  }
}

function wildAct(random: Random, device: number, source: Source): Act {
  const path = random.pick(PATHS)
  switch (random.below(18)) {
    case 14:
    case 15:
      return { act: 'configure', device, configuration: random.pick(CONFIGURATIONS) }
    case 16:
      return { act: 'lose-state', device }
    case 17: {
      const what = random.pick(['make', 'change', 'delete'] as const)
      const serial = source.serial()
      return random.chance(0.6)
        ? { act: 'mass', device, what, serial }
        : { act: 'foreign-mass', what, serial }
    }
    case 0:
    case 1:
    case 2:
    case 3:
      return {
        act: 'crash',
        device,
        calls: 1 + random.below(60),
        when: random.pick(['before', 'midway', 'after'] as const),
      }
    case 4:
    case 5:
      return { act: 'foreign-set', path, content: source.content(), isSameVersion: random.chance(0.4) }
    case 6:
      return { act: 'foreign-delete', path }
    case 7:
      return { act: 'snapshot' }
    case 8:
      return { act: 'restore-snapshot' }
    case 9:
      return { act: random.chance(0.5) ? 'empty-database' : 'exchange-database' }
    case 10:
      return { act: 'unmount-root', device }
    case 11:
      return { act: 'mount-root', device }
    case 12:
      return { act: 'jump-clock', device, ms: random.pick([-3_600_000, -300, 300, 3_600_000]) }
    default:
      return { act: 'lost-answers', device, share: random.pick([0, 0.3]) }
  }
}

/** Long enough to be in step, mostly; and what is just under way. */
const LULLS_MS = [0, 30, 400, 1_500, 4_000, 4_000, 40_000] as const
const DAY_MS = 24 * 3_600_000
/** A clock that is wrong for one session: weeks ahead, and in 2001. In milliseconds. */
const LEAPS_MS = [40 * DAY_MS, -25 * 365 * DAY_MS] as const

type Break = (device: number, random: Random, work: () => Step[]) => Step[]

/** Something breaks on a device: how it begins, what people and programs do meanwhile, and how it ends. */
function breaking(random: Random, devices: number, source: Source): Step[] {
  const device = random.below(devices)
  const work = (): Step[] =>
    Array.from({ length: random.below(5) }, () => workOf(random, devices, device, source))
  return random.pick(BREAKS)(device, random, work)
}

/** Mostly on the device itself. */
function workOf(random: Random, devices: number, device: number, source: Source): Step {
  const where = random.chance(0.7) ? device : random.below(devices)
  return { device: where, ...programAct(random, source), afterMs: random.pick(GAPS_MS) }
}

const BREAKS: readonly Break[] = [
  powerCut,
  powerCut,
  cleanReboot,
  filesPutBack,
  filesPutBack,
  databasePutBack,
  databasePutBack,
  statePutBack,
  driveAway,
  otherDatabase,
  otherUser,
  otherRules,
  wrongClock,
]

function step(random: Random, act: Act): Step {
  return { ...act, afterMs: random.pick(LULLS_MS) }
}

/** With what a person does while no engine runs, if it is so long. */
function whileDown(device: number, random: Random, work: () => Step[]): Step[] {
  const isOwn = (each: Step): boolean => 'device' in each && each.device === device
  return [
    ...work().filter(isOwn),
    { act: 'start', device, afterMs: random.pick([0, 1, 100, 2_000]) } as const,
  ]
}

function powerCut(device: number, random: Random, work: () => Step[]): Step[] {
  const isAtOnce = random.chance(0.4)
  const cut: Act = {
    act: 'power-cut',
    device,
    calls: isAtOnce ? 0 : 1 + random.below(60),
    when: random.pick(['before', 'midway', 'after'] as const),
    names: random.pick([0, 0.3, 0.7, 1]),
    contents: random.pick([0, 0.3, 0.7, 1]),
  }
  const end = { act: 'start', device, afterMs: random.pick([100, 2_000]) } as const
  const before = { ...cut, afterMs: random.pick([0, 1, 15, 80, 200, 400, 700, 1_500]) }
  return isAtOnce ? [...work(), before, ...whileDown(device, random, work)] : [before, ...work(), end]
}

function cleanReboot(device: number, random: Random, work: () => Step[]): Step[] {
  const stop = step(random, { act: 'stop', device })
  const reboot = { act: 'reboot', device, afterMs: 0 } as const
  return [...work(), stop, ...work(), reboot, ...whileDown(device, random, work)]
}

function filesPutBack(device: number, random: Random, work: () => Step[]): Step[] {
  const isDown = random.chance(0.8)
  return [
    step(random, { act: 'copy-files', device }),
    ...work(),
    ...(isDown ? [step(random, { act: 'stop', device })] : []),
    {
      act: 'put-files-back',
      device,
      how: random.pick(['over', 'mirror', 'exchange'] as const),
      areTimesKept: random.chance(0.75),
      afterMs: random.pick([0, 400]),
    },
    ...(isDown ? [{ act: 'start', device, afterMs: 0 } as const] : []),
    ...decisions(device, random),
  ]
}

function databasePutBack(device: number, random: Random, work: () => Step[]): Step[] {
  const isDown = random.chance(0.5)
  return [
    step(random, { act: 'copy-database' }),
    ...work(),
    ...(isDown ? [step(random, { act: 'stop', device })] : []),
    step(random, { act: 'put-database-back' }),
    ...(isDown ? whileDown(device, random, work) : work()),
    ...decisions(device, random),
  ]
}

function statePutBack(device: number, random: Random, work: () => Step[]): Step[] {
  return [
    step(random, { act: 'copy-state', device }),
    ...work(),
    step(random, random.chance(0.5) ? { act: 'stop', device } : { act: 'wait' }),
    { act: 'put-state-back', device, afterMs: 0 },
    ...whileDown(device, random, work),
  ]
}

/** Of the one device that has a drive. */
function driveAway(_: number, random: Random, work: () => Step[]): Step[] {
  const isDown = random.chance(0.4)
  return [
    step(random, isDown ? { act: 'stop', device: 0 } : { act: 'wait' }),
    step(random, { act: 'drive', device: 0, isThere: false }),
    ...(random.chance(0.7) ? [{ act: 'start', device: 0, afterMs: 0 } as const] : []),
    ...work(),
    step(random, { act: 'drive', device: 0, isThere: true }),
    { act: 'start', device: 0, afterMs: 0 },
  ]
}

function otherDatabase(device: number, random: Random, work: () => Step[]): Step[] {
  return toAndFro(
    random,
    work,
    { act: 'use-database', device, database: 'other' },
    { act: 'use-database', device, database: 'main' },
  )
}

function otherUser(device: number, random: Random, work: () => Step[]): Step[] {
  const [own, other] = device === 2 ? (['bob', 'ann'] as const) : (['ann', 'bob'] as const)
  return toAndFro(
    random,
    work,
    { act: 'use-user', device, user: other },
    { act: 'use-user', device, user: own },
  )
}

function otherRules(device: number, random: Random, work: () => Step[]): Step[] {
  const configuration = random.pick(CONFIGURATIONS)
  return toAndFro(
    random,
    work,
    { act: 'configure', device, configuration },
    { act: 'configure', device, configuration: 'usual' },
  )
}

function toAndFro(random: Random, work: () => Step[], to: Act, fro: Act): Step[] {
  return [step(random, to), ...work(), step(random, fro), ...work()]
}

function wrongClock(device: number, random: Random, work: () => Step[]): Step[] {
  const ms = random.pick(LEAPS_MS)
  const set = (by: number): Step[] => [
    step(random, { act: 'stop', device }),
    { act: 'jump-clock', device, ms: by, afterMs: 0 },
    { act: 'start', device, afterMs: 0 },
  ]
  return [...set(ms), ...work(), ...set(-ms)]
}

function decisions(device: number, random: Random): Step[] {
  if (random.chance(0.5)) return []
  const decision = random.pick(['approve', 'restore'] as const)
  return [{ act: 'decide', device, decision, afterMs: 4_000 }]
}
