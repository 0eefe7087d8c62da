import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeCodec } from '../node-codec.ts'
import { rescueState } from './rescue.ts'
import { openStateStore, type OpenedStateStore } from './store.ts'

const NOW = Date.UTC(2030, 0, 2)
const KEY = { database: 'sqlite x', appId: 'app', ownerId: 'shared', channel: 'shared' } as const

let top: string
let path: string

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'lockstep-rescue-'))
  path = join(top, 'home', 'state.db')
})

afterEach(() => {
  rmSync(top, { recursive: true })
})

/** Puts a version into the history. */
async function note(store: OpenedStateStore, text: string): Promise<void> {
  const bytes = Buffer.from(text)
  const digest = nodeCodec.digest(bytes)
  const entry = {
    path: 'data/a.md',
    channel: 'shared',
    digest,
    size: bytes.length,
    time: NOW,
    version: 1,
    cause: 'overwritten',
    device: 'here',
    mtimeMs: null,
  } as const
  await store.commit([
    { kind: 'content-put', digest, bytes },
    { kind: 'history-add', scope: store.openScope(KEY), entry },
  ])
}

function historyOf(store: OpenedStateStore): string[] {
  return store
    .loadHistory(store.openScope(KEY))
    .map(({ digest }) => Buffer.from(store.readContent(digest)!).toString())
}

test('R13.3 a state whose folder was removed is put back with all it had, also what came after', async () => {
  const store = openStateStore(path)
  await note(store, 'before')
  expect(store.isInPlace()).toBe(true)
  rmSync(join(top, 'home'), { recursive: true })
  expect(store.isInPlace()).toBe(false)
  await note(store, 'after')
  expect(rescueState(store, path, NOW)).toBe(path)
  const again = openStateStore(path)
  expect(again.notice).toBeNull()
  expect(historyOf(again)).toEqual(['after', 'before'])
  again.close()
})

test('R13.3 a file alone that was removed leaves its log behind, which is no part of the one that is put back', async () => {
  const store = openStateStore(path)
  await note(store, 'kept')
  rmSync(path)
  await note(store, 'kept too')
  rescueState(store, path, NOW)
  const again = openStateStore(path)
  expect(again.notice).toBeNull()
  expect(historyOf(again)).toEqual(['kept too', 'kept'])
  again.close()
})

test('R13.3 where another state has come there, both are kept', async () => {
  const store = openStateStore(path)
  await note(store, 'former')
  rmSync(join(top, 'home'), { recursive: true })
  const other = openStateStore(path)
  await note(other, 'of the other one')
  const rescued = rescueState(store, path, NOW)
  expect(basename(rescued)).toBe('state-rescued-2030-01-02T00-00-00-000Z.db')
  // Its log is still the one that others open.
  await note(other, 'and this')
  const third = openStateStore(path)
  expect(historyOf(third)).toEqual(['and this', 'of the other one'])
  third.close()
  other.close()
  const former = openStateStore(rescued)
  expect(historyOf(former)).toEqual(['former'])
  former.close()
  expect(readdirSync(join(top, 'home')).filter(name => name.endsWith('-kept'))).toEqual([])
  expect(existsSync(path)).toBe(true)
})
