/**
 * How soon and at what cost the SQLite adapter tells what has changed: a commit of another process beside a bare
 * poll of the same file in this process, and one change among many records beside the reading of all.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { createSqliteAdapter } from '../../src/adapters/sqlite/adapter.ts'
import { nodeClock } from '../../src/platform/node-clock.ts'
import { below, median, milliseconds, quantile } from './bench-lines.mjs'

/** @import { Line } from './bench-lines.mjs' */

/** Of another process, that are timed. */
const COMMITS = 50
/** Between two of them, in milliseconds: one more for each, so that they meet the watch at any moment. */
const PACE = 20
/** Of the poll that the adapter is compared with, in milliseconds. */
const POLL = 1
/** How often a commit right after subscribing is timed. */
const SUBSCRIPTIONS = 20
/** Of 2 KB each. */
const RECORDS = 20_000
/** How often one of them is changed. */
const CHANGES = 9
/** The looks that follow an event are over by then, in milliseconds. */
const REST = 400
/** What is not told by then never will be, in milliseconds. */
const PATIENCE = 60_000

/** In milliseconds. */
const AIM_OTHERS = 100
const AIM_AT_ONCE = 500

/** One line for each figure, as `npm run bench` prints them. @returns {Promise<Line[]>} */
export async function measureFeed() {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-feed-'))
  try {
    return [
      await otherProcess(join(folder, 'other.db')),
      await rightAfterSubscribing(join(folder, 'subscribed.db')),
      await oneAmongMany(join(folder, 'many.db')),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** From the end of another process's commit to its notice. */
async function otherProcess(path) {
  const adapter = createSqliteAdapter({ path, clock: nodeClock })
  const told = new Map()
  const end = watch(adapter, id => void told.set(id, now()))
  await adapter.identity()
  const bare = pollBarely(path)
  const child = spawn(process.execPath, ['--input-type=module', '--eval', WRITER, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  })
  try {
    const latencies = []
    const bareLatencies = []
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    for (let round = 0; round < COMMITS; round++) {
      await sleep(PACE + round)
      child.stdin.write('next\n')
      const { value, done: isOver } = await lines.next()
      if (isOver) throw new Error(`the other process ended before commit ${round}`)
      const id = `bench:${round}`
      await until(() => told.has(id) && bare.seen.length > round, `a notice of ${id}`)
      // A commit shows before the writer has noted its end.
      latencies.push(Math.max(0, told.get(id) - Number(value)))
      bareLatencies.push(Math.max(0, bare.seen[round] - Number(value)))
    }
    const beside = `median ${milliseconds(median(latencies))}; a bare poll each ${POLL} ms: ${milliseconds(quantile(bareLatencies, 0.95))}`
    return below(
      'another process’s commit told, p95',
      quantile(latencies, 0.95),
      AIM_OTHERS,
      milliseconds,
      beside,
    )
  } finally {
    child.kill()
    bare.stop()
    end()
    await adapter.dispose()
  }
}

const WRITER = `
  import Database from 'better-sqlite3'
  import { createInterface } from 'node:readline'
  const database = new Database(process.argv[1], { timeout: ${PATIENCE} })
  const insert = database.prepare("INSERT INTO files (id, app, owner_id) VALUES (?, 'bench', 'shared')")
  let n = 0
  for await (const _ of createInterface({ input: process.stdin })) {
    insert.run('bench:' + n++)
    console.log(performance.timeOrigin + performance.now())
  }
`

/** Looks at the number that changes with each commit of others, and does nothing else. */
function pollBarely(path) {
  const database = new Database(path)
  const version = database.prepare('PRAGMA data_version').pluck()
  const seen = []
  let last = version.get()
  const timer = setInterval(() => {
    const current = version.get()
    if (current !== last) seen.push(now())
    last = current
  }, POLL)
  return {
    seen,
    stop() {
      clearInterval(timer)
      database.close()
    },
  }
}

/** From a commit that comes while the watch begins to its notice. */
async function rightAfterSubscribing(path) {
  const other = createSqliteAdapter({ path, clock: nodeClock })
  await other.identity()
  const latencies = []
  const opened = []
  for (let n = 0; n < SUBSCRIPTIONS; n++) {
    const adapter = createSqliteAdapter({ path, clock: nodeClock })
    let isTold = false
    const start = now()
    const end = watch(adapter, id => (isTold ||= id === `bench:${n}`))
    opened.push(now() - start)
    await other.set(`bench:${n}`, record(n))
    await until(() => isTold, 'a notice of a commit right after subscribing')
    latencies.push(now() - start)
    end()
    await adapter.dispose()
  }
  await other.dispose()
  const beside = `median ${milliseconds(median(latencies))}; to open the database: ${milliseconds(median(opened))}`
  return below(
    'a commit right after subscribing told, p95',
    quantile(latencies, 0.95),
    AIM_AT_ONCE,
    milliseconds,
    beside,
  )
}

/** Processor time for one change, with all looks that follow it, beside that for all records. */
async function oneAmongMany(path) {
  const adapter = createSqliteAdapter({ path, clock: nodeClock })
  await adapter.identity()
  const database = new Database(path)
  database.exec(`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${RECORDS})
    INSERT INTO files SELECT 'bench:' || i, i, printf('%.2000c', 'x'), 'bench', 'shared', i, i FROM n`)
  const all = await processorTime(async () => void (await adapter.query('bench', 'shared')))
  let told = 0
  const end = watch(adapter, () => (told += 1))
  await sleep(REST)
  const ones = []
  const idles = []
  for (let n = 0; n < CHANGES; n++) {
    idles.push(await processorTime(() => sleep(REST)))
    const before = told
    const one = await processorTime(async () => {
      database.exec(`UPDATE files SET content = 'new ${n}' WHERE id = 'bench:777'`)
      await until(() => told > before, 'a notice of one change')
      await sleep(REST)
    })
    ones.push(one)
  }
  end()
  database.close()
  await adapter.dispose()
  const count = RECORDS.toLocaleString('en-US')
  const beside = `a quarter of what all take: ${milliseconds(all)}; doing nothing for as long: ${milliseconds(median(idles))}`
  return below(`one change among ${count} told, CPU`, median(ones), all / 4, milliseconds, beside)
}

/** In milliseconds. */
async function processorTime(work) {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

/** @param {ReturnType<typeof createSqliteAdapter>} adapter @param {(id: string) => void} onId */
function watch(adapter, onId) {
  return adapter.watchHeads(
    'bench',
    'shared',
    hint => {
      if (hint !== 'everything') for (const { id } of hint) onId(id)
    },
    error => {
      throw error
    },
  )
}

function record(n) {
  return { path: String(n), content: 'x', app: 'bench', ownerId: 'shared', lastUpdated: n + 1 }
}

async function until(condition, what) {
  for (const deadline = now() + PATIENCE; !condition();) {
    if (now() > deadline) throw new Error(`waited ${PATIENCE / 1_000} s for ${what}, in vain`)
    await sleep(1)
  }
}

/** Milliseconds since the epoch, as each process of this machine has them. */
function now() {
  return performance.timeOrigin + performance.now()
}
