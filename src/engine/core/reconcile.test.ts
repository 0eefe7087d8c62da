import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BaseEntry, LocalEntry, RemoteEntry } from './entry.ts'
import { reconcilePath } from './reconcile.ts'
import type { Action, ActionKind, Reason } from './reconcile.ts'

const fingerprint = { size: 1, mtimeMs: 1, ctimeMs: 1, ino: 1 }

/** `A1`: content A, known by etag 1. A remote `?2`: etag 2, content not fetched. */
function baseOf(side: string | null): BaseEntry | null {
  return side === null
    ? null
    : { digest: side[0]!, size: 1, etag: side.slice(1), version: 1, fingerprint: null }
}

function localOf(content: string | null): LocalEntry | null {
  return content === null ? null : { digest: content, fingerprint }
}

function remoteOf(side: string | null): RemoteEntry | null {
  return side === null ? null : { digest: side[0] === '?' ? null : side[0]!, etag: side.slice(1), version: 1 }
}

describe('what to do about one path', () => {
  test.each`
    base    | local   | remote  | kind               | reason                 | rule
    ${null} | ${null} | ${null} | ${'none'}          | ${undefined}           | ${'R3'}
    ${null} | ${'A'}  | ${null} | ${'push'}          | ${'local-new'}         | ${'R4 F13'}
    ${null} | ${null} | ${'?1'} | ${'pull'}          | ${'remote-new'}        | ${'R4'}
    ${null} | ${null} | ${'A1'} | ${'pull'}          | ${'remote-new'}        | ${'R4'}
    ${null} | ${'A'}  | ${'?1'} | ${'compare'}       | ${undefined}           | ${'R4 F5'}
    ${null} | ${'A'}  | ${'A1'} | ${'adopt'}         | ${undefined}           | ${'R5'}
    ${null} | ${'A'}  | ${'B1'} | ${'conflict'}      | ${'both-new'}          | ${'R4 R6 F4 F5'}
    ${'A1'} | ${null} | ${null} | ${'forget'}        | ${undefined}           | ${'R2'}
    ${'A1'} | ${'A'}  | ${null} | ${'delete-local'}  | ${'remote-delete'}     | ${'R4 F14'}
    ${'A1'} | ${'B'}  | ${null} | ${'push'}          | ${'edit-beats-delete'} | ${'R7'}
    ${'A1'} | ${null} | ${'?1'} | ${'delete-remote'} | ${'local-delete'}      | ${'R4 F14'}
    ${'A1'} | ${null} | ${'?2'} | ${'compare'}       | ${undefined}           | ${'R7'}
    ${'A1'} | ${null} | ${'A2'} | ${'delete-remote'} | ${'local-delete'}      | ${'R4'}
    ${'A1'} | ${null} | ${'B2'} | ${'pull'}          | ${'edit-beats-delete'} | ${'R7'}
    ${'A1'} | ${'A'}  | ${'?1'} | ${'none'}          | ${undefined}           | ${'R3'}
    ${'A1'} | ${'A'}  | ${'A1'} | ${'none'}          | ${undefined}           | ${'R3'}
    ${'A1'} | ${'A'}  | ${'?2'} | ${'pull'}          | ${'remote-edit'}       | ${'R4'}
    ${'A1'} | ${'A'}  | ${'A2'} | ${'adopt'}         | ${undefined}           | ${'R3 R5'}
    ${'A1'} | ${'A'}  | ${'B2'} | ${'pull'}          | ${'remote-edit'}       | ${'R4'}
    ${'A1'} | ${'B'}  | ${'?1'} | ${'push'}          | ${'local-edit'}        | ${'R4'}
    ${'A1'} | ${'B'}  | ${'?2'} | ${'compare'}       | ${undefined}           | ${'R5 F3'}
    ${'A1'} | ${'B'}  | ${'A2'} | ${'push'}          | ${'local-edit'}        | ${'R4'}
    ${'A1'} | ${'B'}  | ${'B2'} | ${'adopt'}         | ${undefined}           | ${'R5 F20'}
    ${'A1'} | ${'B'}  | ${'C2'} | ${'conflict'}      | ${'both-changed'}      | ${'R6 F3'}
  `('$rule base=$base local=$local remote=$remote: $kind $reason', row => {
    const action = reconcilePath(baseOf(row.base), localOf(row.local), remoteOf(row.remote))
    expect(action).toEqual(
      row.reason === undefined ? { kind: row.kind } : { kind: row.kind, reason: row.reason },
    )
  })
})

/** One path as the world has it: contents are letters, and each write of the record gives a new etag. */
interface World {
  base: BaseEntry | null
  local: string | null
  remote: { readonly content: string; readonly etag: string } | null
  /** Whether the record's content has been fetched since it changed. */
  fetched: boolean
}

function decide(world: World): Action {
  const { base, local, remote, fetched } = world
  const entry =
    remote === null ? null : { etag: remote.etag, version: 1, digest: fetched ? remote.content : null }
  return reconcilePath(base, localOf(local), entry)
}

let etags = 0

/** What the engine makes of an action, where nothing goes wrong. */
function carryOut(world: World, action: Action): World {
  const agreed = (content: string, etag: string): World => ({
    base: baseOf(content + etag),
    local: content,
    remote: { content, etag },
    fetched: true,
  })
  switch (action.kind) {
    case 'none':
    case 'conflict':
      return world
    case 'compare':
      return { ...world, fetched: true }
    case 'adopt':
    case 'pull':
      return agreed(world.remote!.content, world.remote!.etag)
    case 'push':
      return agreed(world.local!, `new${++etags}`)
    case 'forget':
    case 'delete-local':
    case 'delete-remote':
      return { base: null, local: null, remote: null, fetched: false }
    default:
      return action satisfies never
  }
}

const content = fc.constantFrom('A', 'B', 'C')
/** Two of three sides often agree, as in life; the record's etag is the base's exactly where it was not written since. */
const anyWorld: fc.Arbitrary<World> = fc
  .record({
    base: fc.option(content),
    local: fc.option(content),
    remote: fc.option(content),
    rewritten: fc.boolean(),
    fetched: fc.boolean(),
  })
  .map(({ base, local, remote, rewritten, fetched }) => ({
    base: base === null ? null : baseOf(`${base}1`),
    local,
    remote: remote === null ? null : { content: remote, etag: remote === base && !rewritten ? '1' : '2' },
    fetched,
  }))

const RUNS = { numRuns: 2000 }

test('R2 it comes to rest in at most two rounds, with both sides equal or in conflict', () => {
  const seen = new Map<ActionKind, number>()
  fc.assert(
    fc.property(anyWorld, start => {
      let world = start
      let action = decide(world)
      for (let round = 0; round < 2 && action.kind !== 'none'; round++) {
        seen.set(action.kind, (seen.get(action.kind) ?? 0) + 1)
        world = carryOut(world, action)
        action = decide(world)
      }
      expect(['none', 'conflict']).toContain(action.kind)
      if (action.kind === 'none') {
        expect(world.local).toBe(world.remote?.content ?? null)
        expect(world.base?.digest ?? null).toBe(world.local)
      }
      // R3: once at rest, another round does nothing.
      expect(carryOut(world, action)).toBe(world)
    }),
    RUNS,
  )
  expect([...seen.keys()].toSorted()).toEqual(
    ['adopt', 'compare', 'conflict', 'delete-local', 'delete-remote', 'forget', 'pull', 'push'].toSorted(),
  )
  for (const count of seen.values()) expect(count).toBeGreaterThan(5)
})

test('R1 no action lets a content go unless it is the base’s, or on the other side as well', () => {
  let discarded = 0
  fc.assert(
    fc.property(anyWorld, before => {
      const after = carryOut(before, decide(before))
      const kept = new Set([after.local, after.remote?.content ?? null])
      for (const live of [before.local, before.remote?.content ?? null]) {
        if (live === null || kept.has(live)) continue
        discarded++
        expect(live).toBe(before.base?.digest)
      }
    }),
    RUNS,
  )
  expect(discarded).toBeGreaterThan(100)
})

test('R4 without a base nothing is deleted, and nothing is overwritten', () => {
  let different = 0
  fc.assert(
    fc.property(anyWorld, world => {
      const fresh = { ...world, base: null, fetched: true }
      const action = decide(fresh)
      expect(['delete-local', 'delete-remote', 'forget']).not.toContain(action.kind)
      if (fresh.local === null || fresh.remote === null) return
      if (fresh.local !== fresh.remote.content) different++
      expect(action.kind).toBe(fresh.local === fresh.remote.content ? 'adopt' : 'conflict')
    }),
    RUNS,
  )
  expect(different).toBeGreaterThan(100)
})

test('the same input gives the same plan, and changes nothing', () => {
  fc.assert(
    fc.property(anyWorld, world => {
      const copy = structuredClone(world)
      const action = decide(world)
      expect(decide(copy)).toEqual(action)
      expect(world).toEqual(copy)
    }),
    RUNS,
  )
})

const MIRRORED_KIND: Readonly<Record<ActionKind, ActionKind>> = {
  none: 'none',
  forget: 'forget',
  adopt: 'adopt',
  compare: 'compare',
  push: 'pull',
  pull: 'push',
  'delete-local': 'delete-remote',
  'delete-remote': 'delete-local',
  conflict: 'conflict',
}

/** Only the watch over files breaks: the other way round there is no such thing. */
type WatchedReason = Exclude<Reason, 'local-lost'>

const MIRRORED_REASON: Readonly<Record<WatchedReason, Reason>> = {
  'local-new': 'remote-new',
  'remote-new': 'local-new',
  'local-edit': 'remote-edit',
  'remote-edit': 'local-edit',
  'local-delete': 'remote-delete',
  'remote-delete': 'local-delete',
  'edit-beats-delete': 'edit-beats-delete',
  'both-changed': 'both-changed',
  'both-new': 'both-new',
}

function mirrored(action: Action): object {
  const kind = MIRRORED_KIND[action.kind]
  return 'reason' in action ? { kind, reason: MIRRORED_REASON[action.reason as WatchedReason] } : { kind }
}

test('R5 neither side is preferred: with the sides swapped, so is the action', () => {
  const sides = fc.record({ base: fc.option(content), local: fc.option(content), remote: fc.option(content) })
  let acted = 0
  fc.assert(
    fc.property(sides, ({ base, local, remote }) => {
      const worldOf = (here: string | null, there: string | null): World => ({
        base: base === null ? null : baseOf(`${base}1`),
        local: here,
        remote: there === null ? null : { content: there, etag: there === base ? '1' : '2' },
        fetched: true,
      })
      const action = decide(worldOf(local, remote))
      if (action.kind !== 'none') acted++
      expect(decide(worldOf(remote, local))).toEqual(mirrored(action))
    }),
    RUNS,
  )
  expect(acted).toBeGreaterThan(100)
})
