import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { StateChange } from '../../engine/ports/state-store.ts'
import { nodeCodec } from '../node-codec.ts'
import { migrate } from './migrate.ts'
import { LARGEST_PACK_BYTES, LARGEST_PACK_CONTENTS, groupForPacks } from './pack.ts'
import { type PruneStep, prunePackedContents } from './prune.ts'
import { repack } from './repack.ts'
import { type OpenedStateStore, openStateStore } from './store.ts'
import { startWorkClock } from '../../../test/fakes/work-clock.ts'
import { until } from '../../../test/support/until.ts'
import { wholeBase } from '../../../test/support/whole-base.ts'

const KEY = { database: '/tmp/sync.db', appId: 'app', ownerId: 'shared', channel: 'shared' } as const
const NOW = 1_800_000_000_000
/** Between two turns of the event loop, by the work clock: half above what it is. Milliseconds. */
const LONGEST_STRETCH_MS = 20
/** More of them are joined; see repack. */
const SMALL_PACKS_LEFT = 15

let folder: string
let path: string
let store: OpenedStateStore
let scope: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-state-'))
  path = join(folder, 'state.db')
  store = openStateStore(path)
  scope = store.openScope(KEY)
})

afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

describe('packing', () => {
  test('groups keep the order and stay within the limits; only a large content exceeds them, alone', () => {
    const sizes = fc.array(fc.oneof(fc.nat(300), fc.nat(300_000), fc.nat(1_200_000)), { maxLength: 60 })
    let groupCount = 0
    fc.assert(
      fc.property(sizes, fc.nat(3_000), (list, tiny) => {
        const all = [...list, ...Array<number>(tiny).fill(1)]
        const contents = all.map((size, index) => ({ digest: `${index}`, bytes: new Uint8Array(size) }))
        const groups = groupForPacks(contents)
        expect(groups.flat().map(({ digest }) => digest)).toEqual(contents.map(({ digest }) => digest))
        for (const group of groups) {
          const size = group.reduce((total, { bytes }) => total + bytes.length, 0)
          expect(group.length).toBeGreaterThan(0)
          expect(group.length).toBeLessThanOrEqual(LARGEST_PACK_CONTENTS)
          if (size > LARGEST_PACK_BYTES) expect(group).toHaveLength(1)
        }
        groupCount += groups.length
      }),
    )
    expect(groupCount).toBeGreaterThan(100)
  })

  test('contents of one commit are packed together, each once', async () => {
    const files = range(500).map(index => text(index))
    await store.commit(files.flatMap((bytes, index) => synced(`p${index}`, bytes)))
    await store.commit(files.flatMap((bytes, index) => synced(`again-${index}`, bytes)))
    expect(count('packs')).toBe(2)
    expect(count('packed_contents')).toBe(500)
    expectReadable(files)
  })

  test('a content that the history has is not stored again', async () => {
    const bytes = text(1)
    await store.commit([{ kind: 'content-put', digest: nodeCodec.digest(bytes), bytes }])
    await store.commit(synced('p', bytes))
    expect(count('packs')).toBe(0)
    expectReadable([bytes])
  })

  test('R5 a content that went while the commit waited for the lock is stored after all', async () => {
    const [inContents, inPack] = [text(1), text(2)]
    await store.commit([{ kind: 'content-put', digest: nodeCodec.digest(inContents), bytes: inContents }])
    await store.commit(synced('old', inPack))
    const other = new Database(path)
    const tries = vi.spyOn(Database.prototype, 'exec')
    other.exec('BEGIN IMMEDIATE; DELETE FROM contents; DELETE FROM packed_contents; DELETE FROM packs')
    const committing = store.commit([
      ...synced('p', inContents),
      ...synced('q', inPack),
      ...synced('r', text(3)),
    ])
    const isWaiting = (): boolean => tries.mock.calls.filter(([sql]) => sql === 'BEGIN IMMEDIATE').length > 1
    await until(isWaiting, 'the commit to wait for the lock')
    other.exec('COMMIT')
    other.close()
    await committing
    expectReadable([inContents, inPack, text(3)])
  })

  test('contents of bases are kept small', async () => {
    await store.commit(range(250).flatMap(index => synced(`p${index}`, text(index))))
    const raw = range(250).reduce((total, index) => total + text(index).length, 0)
    expect(Number(query('SELECT sum(length(bytes)) FROM packs'))).toBeLessThan(raw / 5)
  })

  test('R1 a damaged pack is an error, not another content, and pruning goes on', async () => {
    await store.commit(range(50).flatMap(index => synced(`p${index}`, text(index))))
    await store.commit(synced('sound', text(50)))
    const bytes = query('SELECT bytes FROM packs WHERE id = 1')
    if (!(bytes instanceof Buffer)) throw new Error('there is no pack')
    bytes[Math.floor(bytes.length / 2)]! ^= 0x40
    change(sqlite => sqlite.prepare('UPDATE packs SET bytes = ? WHERE id = 1').run(bytes))
    expect(() => store.readContent(nodeCodec.digest(text(7)))).toThrow()
    await store.commit(range(40).map(index => forget(`p${index}`)))
    await store.pruneHistory(NOW)
    expectReadable([text(50)])
    expect(() => store.readContent(nodeCodec.digest(text(45)))).toThrow()
  })

  test.each([
    ['500 files of 2 KB', 500, 2],
    ['80 files of 48 KB', 80, 48],
  ])('R3 the event loop has its turns while %s are stored', async (_, files, size) => {
    const changes = range(files).flatMap(index =>
      synced(`p${index}`, Buffer.alloc(size * 1024, `value ${index}\n`)),
    )
    const clock = startWorkClock()
    await store.commit(changes)
    expect(clock.longestMs()).toBeLessThan(LONGEST_STRETCH_MS)
  })
})

describe('pruning packs', () => {
  test('many small packs become one, a few stay as they are', async () => {
    const files = range(SMALL_PACKS_LEFT).map(index => text(index))
    for (const [index, bytes] of files.entries()) await store.commit(synced(`p${index}`, bytes))
    await store.pruneHistory(NOW)
    expect(count('packs')).toBe(SMALL_PACKS_LEFT)
    files.push(text(1_000))
    await store.commit(synced('one more', text(1_000)))
    await store.pruneHistory(NOW)
    expect(count('packs')).toBe(1)
    expectReadable(files)
  })

  test('R3 a pack that is full enough is never written again', async () => {
    await store.commit(range(500).flatMap(index => synced(`p${index}`, text(index))))
    await store.commit(range(100).map(index => forget(`p${index}`)))
    const before = query('SELECT group_concat(id) FROM packs')
    await store.pruneHistory(NOW)
    expect(query('SELECT group_concat(id) FROM packs')).toBe(before)
    expect(count('packed_contents')).toBe(400)
  })

  test('very many tiny contents make full packs, which are left alone', async () => {
    const files = range(3_000).map(index => Buffer.from(`${index}`))
    for (let start = 0; start < files.length; start += 100) {
      const slice = files.slice(start, start + 100)
      await store.commit(slice.flatMap((bytes, index) => synced(`p${start + index}`, bytes)))
    }
    await store.pruneHistory(NOW)
    expect(count('packs')).toBe(3)
    const before = query('SELECT group_concat(id) FROM packs')
    await store.pruneHistory(NOW)
    expect(query('SELECT group_concat(id) FROM packs')).toBe(before)
    expectReadable(files)
  })

  test('a pack that is mostly unneeded shrinks, one that is wholly so goes, and so does its space', async () => {
    const noise = range(600).map(index => incompressible(2_048, index))
    await store.commit(noise.slice(0, 300).flatMap((bytes, index) => synced(`a${index}`, bytes)))
    await store.commit(noise.slice(300).flatMap((bytes, index) => synced(`b${index}`, bytes)))
    checkpoint()
    const before = statSync(path).size
    await store.commit([
      ...range(300).map(index => forget(`a${index}`)),
      ...range(290).map(index => forget(`b${index}`)),
    ])
    await store.pruneHistory(NOW)
    checkpoint()
    expect(count('packed_contents')).toBe(10)
    expect(count('packs')).toBe(1)
    expect(statSync(path).size).toBeLessThan(before / 3)
    expectReadable(noise.slice(590))
    for (const bytes of noise.slice(0, 590)) expect(store.readContent(nodeCodec.digest(bytes))).toBeNull()
  })

  test('a large content is joined with nothing and goes with its base', async () => {
    const large = incompressible(1024 * 1024, 1)
    await store.commit(synced('large', large))
    for (const index of range(40)) await store.commit(synced(`p${index}`, text(index)))
    await store.pruneHistory(NOW)
    expect(count('packs')).toBe(2)
    expectReadable([large, ...range(40).map(index => text(index))])
    await store.commit([forget('large')])
    await store.pruneHistory(NOW)
    expect(count('packs')).toBe(1)
  })

  test('R1 a crash after any step of pruning loses nothing, and the next pruning ends it', async () => {
    const files = range(1_200).map(index => incompressible(1_024, index))
    for (let start = 0; start < files.length; start += 40) {
      const slice = files.slice(start, start + 40)
      await store.commit(slice.flatMap((bytes, index) => synced(`p${start + index}`, bytes)))
    }
    await store.commit(
      range(1_200)
        .filter(index => index % 3 > 0)
        .map(index => forget(`p${index}`)),
    )
    const kept = files.filter((_, index) => index % 3 === 0)
    store.close()
    cpSync(path, join(folder, 'before.db'))
    let crashes = 0
    for (let hasEnded = false; !hasEnded; crashes++) {
      cpSync(join(folder, 'before.db'), path)
      hasEnded = pruneFor(crashes)
      store = openStateStore(path)
      expectReadable(kept)
      await store.pruneHistory(NOW)
      expectReadable(kept)
      expect(count('packed_contents')).toBe(kept.length)
      expect(count('packs')).toBe(1)
      store.close()
    }
    expect(crashes).toBeGreaterThan(4)
    store = openStateStore(path)
  })

  test('R1 a step that fails leaves everything as it was', async () => {
    const files = range(20).map(index => text(index))
    for (const [index, bytes] of files.entries()) await store.commit(synced(`p${index}`, bytes))
    change(sqlite =>
      sqlite.exec(`CREATE TRIGGER full BEFORE DELETE ON packs WHEN old.id = 15
        BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`),
    )
    await expect(store.pruneHistory(NOW)).rejects.toThrow('the disk is full')
    expect(count('packs')).toBe(20)
    expectReadable(files)
    change(sqlite => sqlite.exec('DROP TRIGGER full'))
    await store.pruneHistory(NOW)
    expect(count('packs')).toBe(1)
    expectReadable(files)
  })

  test('R1 R5 commits take their turns while pruning goes on, and lose nothing by it', async () => {
    const files = range(900).map(index => incompressible(1_024, index))
    for (const index of range(30)) {
      const slice = files.slice(index * 30, index * 30 + 30)
      await store.commit(slice.flatMap((bytes, at) => synced(`p${index * 30 + at}`, bytes)))
    }
    await store.commit(range(800).map(index => forget(`p${index}`)))
    let hasPruned = false
    const pruning = store.pruneHistory(NOW).then(() => (hasPruned = true))
    let before = 0
    for (const index of range(40)) {
      // Contents that are just being pruned, and new ones.
      await store.commit([
        ...synced(`again-${index}`, files[index * 20]!),
        ...synced(`new-${index}`, text(index)),
      ])
      if (!hasPruned) before++
    }
    await pruning
    expect(before).toBeGreaterThan(0)
    const kept = [...files.slice(800), ...range(40).flatMap(index => [files[index * 20]!, text(index)])]
    expectReadable(kept)
    await store.pruneHistory(NOW)
    expectReadable(kept)
    expect(count('packed_contents')).toBe(180)
  })

  test('R5 reading goes on while another handle repacks', async () => {
    const files = range(30).map(index => text(index))
    for (const [index, bytes] of files.entries()) await store.commit(synced(`p${index}`, bytes))
    expectReadable(files)
    const other = openStateStore(path)
    await other.commit(range(10).map(index => forget(`p${index}`)))
    await other.pruneHistory(NOW)
    other.close()
    expect(store.readContent(nodeCodec.digest(text(0)))).toBeNull()
    expectReadable(files.slice(10))
  })

  test('R3 the event loop has its turns while live edits are packed together', async () => {
    const noise = incompressible(480 * 1024, 0)
    await store.commit(range(3_000).flatMap(index => synced(`tiny-${index}`, Buffer.from(`${index}`))))
    for (const index of range(20)) {
      noise[index] = 0
      await store.commit([
        ...synced(`large-${index}`, Buffer.from(noise)),
        ...synced(`kept-${index}`, text(index)),
      ])
    }
    for (const index of range(100)) await store.commit(synced(`p${index}`, text(100 + index)))
    await store.commit(range(3_000).map(index => forget(`tiny-${index}`)))
    await store.commit(range(20).map(index => forget(`large-${index}`)))
    const clock = startWorkClock()
    await store.pruneHistory(NOW)
    expect(clock.longestMs()).toBeLessThan(LONGEST_STRETCH_MS)
    expect(count('packed_contents')).toBe(120)
  })

  /** True where it came to its end. */
  function pruneFor(steps: number): boolean {
    const sqlite = new Database(path)
    try {
      const inOrder: PruneStep[] = [prunePackedContents(sqlite), repack(sqlite)]
      let left = steps
      for (const step of inOrder) {
        for (;;) {
          if (left-- === 0) return false
          if (sqlite.transaction(step).immediate() === null) break
        }
      }
      return true
    } finally {
      sqlite.close()
    }
  }
})

test('R1 R5 a state from before there were contents of bases goes on as it is', async () => {
  const old = join(folder, 'old.db')
  const before = new Database(old)
  migrate(before, { folder: firstMigrations(), backUp: () => undefined })
  before.exec(
    `INSERT INTO scopes (database, app_id, owner_id, channel) VALUES ('${KEY.database}', 'app', 'shared', 'shared')`,
  )
  before.exec(
    `INSERT INTO base_entries (scope_id, path, digest, size, etag, version) VALUES (1, 'p', 'd', 1, 'e', 1)`,
  )
  before.close()
  const migrated = openStateStore(old)
  expect([...wholeBase(migrated, migrated.openScope(KEY)).keys()]).toEqual(['p'])
  expect(migrated.readContent('d')).toBeNull()
  expect(await migrated.pruneHistory(NOW)).toBe(0)
  const baseAlone = synced('p', text(1)).filter(({ kind }) => kind === 'base-set')
  await migrated.commit([...baseAlone, ...synced('q', text(2))])
  expect(migrated.readContent(nodeCodec.digest(text(1)))).toBeNull()
  expect(migrated.readContent(nodeCodec.digest(text(2)))).not.toBeNull()
  migrated.close()
})

function firstMigrations(): string {
  const migrations = join(folder, 'migrations')
  cpSync(join(import.meta.dirname, 'migrations'), migrations, { recursive: true })
  const journalPath = join(migrations, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(journalPath, 'utf8'))
  writeFileSync(journalPath, JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }))
  return migrations
}

function synced(file: string, bytes: Uint8Array): StateChange[] {
  const digest = nodeCodec.digest(bytes)
  const entry = { digest, size: bytes.length, etag: 'e', version: 1, fingerprint: null }
  return [
    { kind: 'base-content-put', digest, bytes },
    { kind: 'base-set', scope, path: file, entry },
  ]
}

function forget(file: string): StateChange {
  return { kind: 'base-delete', scope, path: file }
}

function expectReadable(contents: readonly Uint8Array[]): void {
  const unreadable = contents.filter(bytes => {
    const found = store.readContent(nodeCodec.digest(bytes))
    return found === null || Buffer.compare(found, bytes) !== 0
  })
  expect(unreadable).toEqual([])
}

function count(table: 'packs' | 'packed_contents'): number {
  return Number(query(`SELECT count(*) FROM ${table}`))
}

function query(sql: string): unknown {
  const sqlite = new Database(path, { readonly: true })
  try {
    return sqlite.prepare(sql).pluck().get()
  } finally {
    sqlite.close()
  }
}

function change(work: (sqlite: Database.Database) => void): void {
  const sqlite = new Database(path)
  try {
    work(sqlite)
  } finally {
    sqlite.close()
  }
}

function checkpoint(): void {
  change(sqlite => sqlite.pragma('wal_checkpoint(TRUNCATE)'))
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}

/** About 2 KB of text. */
function text(seed: number): Buffer {
  return Buffer.from(
    range(60)
      .map(line => `"key ${line}": "value ${seed * line}, of ${seed}",\n`)
      .join(''),
  )
}

function incompressible(size: number, seed: number): Buffer {
  const parts = range(size / 32).map(index =>
    Buffer.from(nodeCodec.digest(Buffer.from(`${seed}:${index}`)), 'hex'),
  )
  return Buffer.concat(parts)
}
