/** What the tests of Firestore alone work with: two devices on an empty database of the stand-in. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { createRemoteStore } from '../../../src/adapters/remote-store.ts'
import type { FirestoreAdapter } from '../../../src/adapters/firestore/adapter.ts'
import { recordId } from '../../../src/engine/core/record-id.ts'
import type { ConditionalWrite, HeadsHint, WriteResult } from '../../../src/engine/ports/adapter.ts'
import type { RemoteStore } from '../../../src/engine/ports/remote-store.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import type { Gate } from '../../support/firestore/gate.ts'
import { type Firestore, newProject, openAdapter, openFirestore } from '../../support/firestore/harness.ts'
import type { FirestoreStandIn } from '../../support/firestore/stand-in.ts'
import { until } from '../../support/until.ts'
import { SteeredClock } from '../steered-clock.ts'

/** Between two tries of a write that collides with others'; all that an adapter waits for is longer. Milliseconds. */
const NAP_MS = 700

export const SCOPE = { appId: 'app', ownerId: 'shared' }

export interface Sides {
  readonly standIn: FirestoreStandIn
  readonly project: string
  /** The way of `here` to the database. */
  readonly gate: Gate
  /** That of `here`. */
  readonly clock: SteeredClock
  readonly here: FirestoreAdapter
  readonly there: FirestoreAdapter
  readonly hereStore: RemoteStore
  readonly thereStore: RemoteStore
}

/** Registers the hooks; the returned object is filled anew for each test. */
export function firestoreSides(): Sides {
  let firestore: Firestore
  const sides = {} as { -readonly [Key in keyof Sides]: Sides[Key] }

  beforeAll(async () => {
    firestore = await openFirestore()
  })

  beforeEach(async () => {
    if (firestore.standIn === null) throw new Error('these tests need the stand-in')
    sides.standIn = firestore.standIn
    sides.standIn.takeMeter()
    sides.project = newProject()
    sides.gate = await firestore.standIn.openGate()
    sides.clock = new SteeredClock({ napMs: NAP_MS })
    sides.here = openAdapter(sides.gate.host, sides.project, sides.clock)
    sides.there = openAdapter(firestore.host, sides.project)
    sides.hereStore = createRemoteStore(sides.here, SCOPE, { clock: nodeClock })
    sides.thereStore = createRemoteStore(sides.there, SCOPE, { clock: nodeClock })
  })

  afterEach(async () => {
    sides.standIn.faults.clear()
    await sides.here.dispose()
    await sides.there.dispose()
  })

  afterAll(() => firestore.stop())
  return sides
}

export function creation(path: string, content = `content of ${path}`): ConditionalWrite {
  const data = { path, content, app: SCOPE.appId, ownerId: SCOPE.ownerId, lastUpdated: 1_000 }
  return { type: 'set', id: recordId(SCOPE, path), expected: null, data }
}

export function creations(count: number): ConditionalWrite[] {
  return Array.from({ length: count }, (_, index) => creation(`data/${String(index).padStart(5, '0')}.md`))
}

export function deletion(path: string, etag: string): ConditionalWrite {
  return { type: 'delete', id: recordId(SCOPE, path), expected: { etag, lastUpdated: 1_000 } }
}

export function etagOf(result: WriteResult | undefined): string {
  if (result?.status === 'done' && result.etag !== null) return result.etag
  throw new Error(`nothing was written: ${JSON.stringify(result)}`)
}

export async function idsOf(adapter: FirestoreAdapter): Promise<string[]> {
  const { heads } = await adapter.heads(SCOPE.appId, SCOPE.ownerId, null)
  return heads.map(({ id }) => id).toSorted()
}

export interface Watch {
  readonly hints: HeadsHint[]
  readonly errors: unknown[]
  /** Of what was told by name: the last word. */
  last(path: string): 'there' | 'gone' | undefined
  end(): void
}

/** Follows the heads, and reads them once as the engine does, so that the feed is live on return. */
export async function watch(adapter: FirestoreAdapter): Promise<Watch> {
  const hints: HeadsHint[] = []
  const errors: unknown[] = []
  const end = adapter.watchHeads(
    SCOPE.appId,
    SCOPE.ownerId,
    hint => void hints.push(hint),
    error => void errors.push(error),
  )
  await adapter.heads(SCOPE.appId, SCOPE.ownerId, null)
  return {
    hints,
    errors,
    end,
    last(path) {
      const id = recordId(SCOPE, path)
      const told = hints.flatMap(hint => (hint === 'everything' ? [] : hint)).filter(one => one.id === id)
      const word = told.at(-1)
      if (word === undefined) return undefined
      return word.head === null ? 'gone' : 'there'
    },
  }
}

export async function untilTold(watched: Watch, path: string, word: 'there' | 'gone'): Promise<void> {
  await until(
    () => watched.last(path) === word,
    `the feed to say that ${path} is ${word}`,
    () => describe(watched),
  )
}

export async function untilFailed(watched: Watch): Promise<void> {
  await until(
    () => watched.errors.length > 0,
    'an error of the feed',
    () => describe(watched),
  )
}

function describe({ hints, errors }: Watch): string {
  return JSON.stringify({ hints, errors: errors.map(String) })
}
