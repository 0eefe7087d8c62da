/**
 * How long the event loop is held by work that goes on beside other work (design, section 6): the longest stretch
 * between two of its turns. Beside each figure stands what the same work takes in one go, or what a loop that does
 * nothing shows on this machine just now.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { zstdCompressSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { createSqliteAdapter } from '../../src/adapters/sqlite/adapter.ts'
import { FileIndex } from '../../src/host/app/file-index.ts'
import { nodeClock } from '../../src/platform/node-clock.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { openStateStore } from '../../src/platform/state/store.ts'
import { below, median, milliseconds } from './bench-lines.mjs'

/** In milliseconds. */
const AIM = 50
const LOCKED = 2_000
const IDLE = 2_000
/** Of each work, of which the median counts. */
const ROUNDS = 5

const SCOPE = /** @type {const} */ ({
  database: 'bench',
  appId: 'bench',
  ownerId: 'shared',
  channel: 'shared',
})

/** One line for each kind of work, as `npm run bench` prints them. */
export async function measureLoop() {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-loop-'))
  try {
    const bare = await longestStretch(() => sleep(IDLE))
    return [
      await storing(folder),
      await packing(folder, bare),
      await listing(),
      await locked(folder, bare),
      await writing(folder),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** While `work` goes on, in milliseconds. */
async function longestStretch(work) {
  let [last, longest, isOver] = [performance.now(), 0, false]
  const note = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const turn = () => {
    note()
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  isOver = true
  note()
  return longest
}

async function storing(folder) {
  const store = openStateStore(join(folder, 'storing.db'))
  const scope = store.openScope(SCOPE)
  const stretches = []
  const inOneGo = []
  for (let round = 0; round < ROUNDS; round++) {
    const files = range(500).map(n => text(500 * round + n))
    const changes = files.flatMap((bytes, n) => synced(scope, `data/${round}-${n}`, bytes))
    stretches.push(await longestStretch(() => store.commit(changes)))
    inOneGo.push(msOf(() => zstdCompressSync(Buffer.concat(files))))
  }
  store.close()
  const beside = `to compress them in one go: ${milliseconds(median(inOneGo))}`
  return line('loop, 500 files of 2 KB stored', median(stretches), beside)
}

async function packing(folder, bare) {
  const store = openStateStore(join(folder, 'packing.db'))
  const scope = store.openScope(SCOPE)
  const stretches = []
  for (let round = 0; round < ROUNDS; round++) {
    for (const n of range(100)) await store.commit(synced(scope, `data/${n}`, text(100 * round + n)))
    stretches.push(await longestStretch(() => store.pruneHistory(Date.now())))
  }
  store.close()
  return line('loop, live edits packed', median(stretches), `idle: ${milliseconds(bare)}`)
}

async function listing() {
  const count = 100_000
  const local = new Map()
  for (const n of range(count)) {
    const id = (n * 7_919) % count
    local.set(`data/${id % 100}/file-${id}.json`, { fingerprint: { size: id, mtimeMs: id } })
  }
  const [map, set] = [new Map(), new Set()]
  const files = /** @type {const} */ ({
    channel: 'shared',
    local,
    base: map,
    remote: map,
    pending: set,
    blocked: set,
    conflicts: map,
    holds: map,
    retries: map,
    refused: map,
    unmatched: set,
  })
  const stretches = []
  for (let round = 0; round < ROUNDS; round++) {
    const index = new FileIndex(
      () => Promise.resolve([files]),
      () => 1,
    )
    const list = async () => {
      await index.list({ search: '', states: [], offset: 0, limit: 100 })
      await index.list({ search: 'FILE-99 json', states: [], offset: 0, limit: 100 })
    }
    stretches.push(await longestStretch(list))
  }
  const inOneGo = msOf(() => [...local.keys()].sort((a, b) => (a < b ? -1 : 1)))
  return line(
    'loop, 100,000 files listed',
    median(stretches),
    `to sort the paths in one go: ${milliseconds(inOneGo)}`,
  )
}

/** Another program's process holds the lock. */
async function locked(folder, bare) {
  const path = join(folder, 'locked.db')
  const adapter = createSqliteAdapter({ path, clock: nodeClock })
  try {
    await adapter.commit([insertion(0)])
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', HOLDER, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: import.meta.dirname,
    })
    const ended = once(holder, 'exit')
    await once(holder.stdout, 'data')
    const longest = await longestStretch(() => adapter.commit([insertion(1)]))
    await ended
    return line(`loop, a database locked for ${LOCKED / 1_000} s`, longest, `idle: ${milliseconds(bare)}`)
  } finally {
    await adapter.dispose()
  }
}

const HOLDER = `
  import Database from 'better-sqlite3'
  const database = new Database(process.argv[1])
  database.exec('BEGIN EXCLUSIVE')
  console.log('locked')
  setTimeout(() => database.exec('COMMIT'), ${LOCKED})
`

async function writing(folder) {
  const writes = range(5_000).map(insertion)
  const stretches = []
  for (let round = 0; round < ROUNDS; round++) {
    const adapter = createSqliteAdapter({ path: join(folder, `writing-${round}.db`), clock: nodeClock })
    const writeAndRead = async () => {
      const results = await adapter.commit(writes)
      if (results.some(({ status }) => status !== 'done')) throw new Error('a write has failed')
      await adapter.getMany(writes.map(({ id }) => id))
    }
    stretches.push(await longestStretch(writeAndRead))
    await adapter.dispose()
  }
  const database = new Database(join(folder, 'plain.db'))
  database.pragma('journal_mode = WAL')
  database.exec('CREATE TABLE files (id TEXT PRIMARY KEY, content TEXT)')
  const insert = database.prepare('INSERT INTO files VALUES (?, ?)')
  const insertAll = database.transaction(() => {
    for (const { id, data } of writes) insert.run(id, data.content)
  })
  const inOneGo = msOf(insertAll)
  database.close()
  return line(
    'loop, 5,000 records written and read',
    median(stretches),
    `to insert them in one go: ${milliseconds(inOneGo)}`,
  )
}

function insertion(n) {
  const path = `data/${n}.md`
  const data = { path, content: text(n).toString(), app: 'bench', ownerId: 'shared', lastUpdated: Date.now() }
  return /** @type {const} */ ({ type: 'set', id: `bench:${path}`, data, expected: null })
}

/** @returns {import('../../src/engine/ports/state-store.ts').StateChange[]} */
function synced(scope, path, bytes) {
  const digest = nodeCodec.digest(bytes)
  const entry = { digest, size: bytes.length, etag: 'e', version: 1, fingerprint: null }
  return [
    { kind: 'base-content-put', digest, bytes },
    { kind: 'base-set', scope, path, entry },
  ]
}

/** About 2 KB. */
function text(seed) {
  return Buffer.from(
    range(60)
      .map(n => `"key ${n}": "value ${seed * n}, of ${seed}",\n`)
      .join(''),
  )
}

function range(length) {
  return Array.from({ length }, (_, n) => n)
}

function msOf(work) {
  const start = performance.now()
  work()
  return performance.now() - start
}

function line(name, ours, beside) {
  return below(name, ours, AIM, milliseconds, beside)
}
