/**
 * Carries out a plan, brings the world to rest, and says what was wrong (R1 to R4, R6, R9, R15) and what happened.
 */
import { parentOf } from '../../src/engine/core/tree.ts'
import type { ConflictRecord, HoldRecord } from '../../src/engine/ports/state-store.ts'
import type { FileAction } from '../../src/engine/status.ts'
import { createRandom } from '../fakes/random.ts'
import { digestOf } from './contents.ts'
import type { Device } from './device.ts'
import { isFreeOfDoubt } from './merge-oracle.ts'
import { digestOfColumn } from './ledger.ts'
import { type Plan, planOf, type Step } from './steps.ts'
import { World } from './world.ts'

/** Time is let go by in pieces of this length until nothing is left to do, in milliseconds. */
const PIECE_MS = 15_000
/** Longest time to rest: two retries and two rescans at their longest. */
const MOST_PIECES = 90

type Count =
  | 'crashes'
  | 'holds'
  | 'alarms'
  | 'recoveries'
  | 'byHand'
  | 'byPolicy'
  | 'lostStates'
  | 'powerCuts'
  | 'breaks'

export interface Outcome {
  readonly violations: readonly string[]
  readonly counts: Readonly<Record<FileAction | Count, number>>
  /** All files and records at the end: the same for the same plan. */
  readonly digest: string
}

export function runSeed(seed: number): Promise<Outcome> {
  return runPlan(planOf(createRandom(seed), seed))
}

export async function runPlan(plan: Plan): Promise<Outcome> {
  const world = new World(plan)
  const violations = world.ledger.violations
  const sum = (of: (device: Device) => number): number =>
    world.devices.reduce((total, device) => total + of(device), 0)
  for (const device of world.devices) device.start()
  for (const step of plan.steps) {
    await world.step(step)
    if (violations.length > 0) break
  }
  let holds = 0
  if (violations.length === 0) {
    await world.time.advance(2_000)
    world.heal()
    await rest(world, violations)
    holds = sum(device => device.holds().length)
    // A restore forgets what was agreed on, as FORGETTING says.
    if (holds > 0) violations.push(...falseAlarms(plan, world))
    await endAllByHand(world, violations)
  }
  if (holds === 0) violations.push(...falseAlarms(plan, world))
  const outcome = {
    violations: [...violations],
    counts: {
      ...countEvents(world),
      crashes: sum(device => device.crashes),
      lostStates: sum(device => device.lostStates),
      powerCuts: sum(device => device.powerCuts),
      breaks: plan.steps.filter(({ act }) => BREAKS.has(act)).length,
      holds,
    },
    digest: digestOf(describe(world)),
  }
  for (const device of world.devices) device.crash()
  return outcome
}

/** Conflicts that no two edits account for, deletes that were undone, and holds that nothing explains. */
function falseAlarms({ isFiveMethods, steps }: Plan, world: World): string[] {
  const has = (acts: ReadonlySet<Step['act']>): boolean => steps.some(({ act }) => acts.has(act))
  const isForgetful = has(BREAKS) || has(FORGETTING)
  const { bogusConflicts, undoneDeletes } = world.ledger
  return [
    ...(isFiveMethods || isForgetful ? [] : [...bogusConflicts, ...undoneDeletes]),
    ...(isForgetful || has(LIKE_A_LOSS) ? [] : needlessHolds(world)),
  ]
}

/** Even few deletes may be all that there is. */
function needlessHolds({ devices }: World): string[] {
  return devices.flatMap(device =>
    alarmsOf(device)
      .filter(reason => !reason.endsWith('-emptied'))
      .map(reason => `R8 ${device.name} asks about ordinary work: ${reason}`),
  )
}

function alarmsOf({ events }: Device): string[] {
  return events.flatMap(event =>
    event.type === 'file' && event.reason.startsWith('held: ') ? [event.reason.slice('held: '.length)] : [],
  )
}

/** The watch over files or records was broken. */
const BREAKS: ReadonlySet<Step['act']> = new Set([
  'power-cut',
  'put-files-back',
  'put-database-back',
  'put-state-back',
  'drive',
  'use-database',
  'use-user',
  'lose-state',
  'exchange-database',
  'restore-snapshot',
  'configure',
  'unmount-root',
])

/** After it two sides may differ without two edits: a person has said so. */
const FORGETTING: ReadonlySet<Step['act']> = new Set(['decide'])

/** What the guard is there to ask about. */
const LIKE_A_LOSS: ReadonlySet<Step['act']> = new Set(['mass', 'foreign-mass', 'empty-database'])

/** Lets the world come to rest, and checks it there. */
export async function rest(world: World, violations: string[] = world.ledger.violations): Promise<void> {
  for (const device of world.devices) device.session?.markEverything()
  let quiet = 0
  for (let piece = 0; quiet < 2; piece += 1) {
    if (piece === MOST_PIECES) {
      violations.push(
        `R2 no rest: ${world.devices.map(device => device.name + JSON.stringify(device.session?.status)).join(' ')}`,
      )
      return
    }
    const before = JSON.stringify(world.devices.map(device => device.writes))
    await world.time.advance(PIECE_MS)
    const isStill = before === JSON.stringify(world.devices.map(device => device.writes))
    quiet = isStill && world.devices.every(isAtRest) ? quiet + 1 : 0
    // Somebody has to tell of what a silent feed and a deaf watcher have missed.
    if (!isStill) for (const device of world.devices) device.session?.markEverything()
  }
  world.ledger.check()
  world.ledger.checkOwn()
  checkAgreement(world, violations)
  await checkQuiet(world, violations)
}

function isAtRest(device: Device): boolean {
  const status = device.session?.status
  return status !== undefined && status.pending === 0 && (status.state === 'idle' || status.state === 'held')
}

/** R2: but for what is in conflict or held, each device holds what the database holds. */
function checkAgreement(world: World, violations: string[]): void {
  for (const device of world.devices) {
    const conflicts = new Map(device.conflicts().map(conflict => [conflict.path, conflict]))
    const held = new Set(device.holds().map(({ path }) => path))
    const files = filesOf(device, violations)
    const records = recordsOf(world, device)
    for (const path of new Set([...files.keys(), ...records.keys(), ...conflicts.keys()])) {
      const file = files.get(path)
      const record = records.get(path)
      const conflict = conflicts.get(path)
      if (conflict !== undefined) {
        const isTrue =
          conflict.local?.digest === file && conflict.remote?.digest === record && file !== record
        if (!isTrue)
          violations.push(`R6 ${device.name}:${path} the conflict record does not say what is there`)
        if (isNeedless(device, conflict))
          violations.push(`R5 ${device.name}:${path} nothing stands against a merge`)
      } else if (file !== record && !held.has(path)) {
        violations.push(`R2 ${device.name}:${path} differs: file ${short(file)}, record ${short(record)}`)
      }
    }
  }
}

/** R5: only what is in doubt is a conflict. */
function isNeedless(device: Device, { path, base, local, remote }: ConflictRecord): boolean {
  if (device.rules.conflictPolicy(path) !== 'merge') return false
  const contents = [base, remote].map(side => (side === null ? null : device.content(side.digest)))
  const b = contents[0] ?? null
  const r = contents[1] ?? null
  const l = local === null ? undefined : device.disk.get(path)?.bytes
  if (b === null || l === undefined || r === null) return false
  const [baseText = '', localText = '', remoteText = ''] = [b, l, r].map(bytes =>
    Buffer.from(bytes).toString(),
  )
  return isFreeOfDoubt(path, { base: baseText, local: localText, remote: remoteText })
}

function filesOf(device: Device, violations: string[]): Map<string, string> {
  const files = new Map<string, string>()
  for (const path of device.disk.paths()) {
    const inode = device.disk.get(path)!
    const digest = digestOf(inode.bytes)
    if (path.includes('_tmp-')) {
      // Where nothing syncs any more, nobody looks; it is found when the patterns lead there again.
      if (!device.rules.prunes(parentOf(path))) violations.push(`R9 ${device.name}:${path} was left over`)
    } else if (!path.endsWith('.conflict')) {
      if (device.channelOf(path) !== null) files.set(path, digest)
    } else if (!inode.namedByProgram && !mayHaveCopy(device, path.slice(0, -'.conflict'.length)))
      violations.push(`R6 ${device.name}:${path} has no conflict`)
  }
  return files
}

/** What was lost with a device's state, or handed over by its user, cannot say that the copy is one. */
function mayHaveCopy(device: Device, path: string): boolean {
  const isHandedOver = device.events.some(
    event => event.type === 'file' && event.path === path && event.reason === 'held: private-elsewhere',
  )
  return device.hasConflictAnywhere(path) || device.lostStates > 0 || isHandedOver
}

function recordsOf(world: World, device: Device): Map<string, string> {
  const records = new Map<string, string>()
  for (const [id, { path, content }] of world.recordsOf(device)) {
    if (device.channelOf(path) !== null && device.recordId(path) === id)
      records.set(path, digestOfColumn(content))
  }
  return records
}

/** R3: another look at everything writes nothing anywhere. */
async function checkQuiet(world: World, violations: string[]): Promise<void> {
  const before = JSON.stringify(world.devices.map(device => device.writes))
  for (const device of world.devices) device.session?.markEverything()
  await world.time.advance(3_000)
  const after = JSON.stringify(world.devices.map(device => device.writes))
  if (before !== after) violations.push(`R3 not quiet: ${before} became ${after}`)
}

/** Conflicts are ended by taking the record's content, holds by giving the files back, or over; then all is equal. */
export async function endAllByHand(
  world: World,
  violations: string[] = world.ledger.violations,
): Promise<void> {
  for (let round = 0; round < 8; round += 1) {
    const isOver = world.devices.every(device => device.conflicts().length + device.holds().length === 0)
    if (isOver || violations.length > 0) return
    for (const device of world.devices) {
      for (const { path } of device.conflicts()) {
        const copy = device.disk.get(`${path}.conflict`)
        if (copy === undefined) violations.push(`R6 ${device.name}:${path}.conflict is missing`)
        else device.disk.writeByRename(path, copy.bytes)
      }
      // Of what lies here as another user's there is nothing to be put back (R15).
      await device.decideHolds('approve', isAnothers)
      await device.decideHolds('restore', hold => !isAnothers(hold))
    }
    await rest(world, violations)
  }
  violations.push('R6 R8 conflicts and holds do not end')
}

function isAnothers({ reason }: HoldRecord): boolean {
  return reason === 'private-elsewhere'
}

function countEvents(
  world: World,
): Omit<Outcome['counts'], 'crashes' | 'holds' | 'lostStates' | 'powerCuts' | 'breaks'> {
  const counts = {
    push: 0,
    pull: 0,
    merge: 0,
    'delete-local': 0,
    'delete-remote': 0,
    conflict: 0,
    skip: 0,
    resolve: 0,
    recoveries: 0,
    alarms: 0,
    byHand: 0,
    byPolicy: 0,
  }
  for (const device of world.devices) {
    counts.alarms += alarmsOf(device).length
    for (const event of device.events) {
      if (event.type === 'file') {
        counts[event.action] += 1
        if (event.reason.startsWith('by hand: ')) counts.byHand += 1
        if (event.reason.startsWith('policy ')) counts.byPolicy += 1
      } else if (event.type === 'recovered') counts.recoveries += 1
    }
  }
  return counts
}

function describe(world: World): string {
  const files = world.devices.map(device =>
    device.disk.paths().map(path => [path, digestOf(device.disk.get(path)!.bytes)]),
  )
  const records = world.devices.map(device => [...world.recordsOf(device)])
  return JSON.stringify([files, records, world.time.now])
}

function short(digest: string | undefined): string {
  return digest === undefined ? 'none' : digest.slice(0, 8)
}
