/** For the tests of this folder: a database in a folder of its own, and other programs that use it. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite, { type Database, type Statement } from 'better-sqlite3'
import { onTestFinished, vi } from 'vitest'
import type { Clock } from '../../../src/engine/ports/clock.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import type { ConditionalWrite, HeadsHint, RecordHead } from '../../../src/engine/ports/adapter.ts'
import { type SqliteAdapter, createSqliteAdapter } from '../../../src/adapters/sqlite/adapter.ts'
import { until } from '../../support/until.ts'
import type { SteeredClock } from '../steered-clock.ts'

/** Another program's own wait for a lock, in milliseconds: only a hang is longer. */
const FOREIGN_WAIT_MS = 120_000
/** Without a watch the adapter looks at least so often, in milliseconds. */
const FREQUENT_LOOK_MS = 80
/** What it may take of its own time to tell what it was told of; none of these tests asks for more. */
const OWN_LIMIT_MS = 5_000

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-sqlite-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function openAdapter(path: string, clock: Clock = nodeClock): SqliteAdapter {
  const adapter = createSqliteAdapter({ path, clock })
  onTestFinished(() => adapter.dispose())
  return adapter
}

/** Another program's connection: it knows nothing of us. */
export function foreignProgram(path: string): Database {
  const client = new Sqlite(path)
  onTestFinished(() => void client.close())
  return client
}

export interface ForeignProcess {
  /** Resolves when it has printed the words. */
  said(words: string): Promise<void>
  /** Lets it go on where it awaits `heard()`. */
  goOn(): void
  /** Resolves when it has ended well. */
  ended(): Promise<void>
}

/** Runs a script in a process of its own, with `db`, a connection, and with `say` and `heard`. */
export function foreignProcess(path: string, script: string): ForeignProcess {
  const preamble = `
    import Sqlite from 'better-sqlite3'
    import { createInterface } from 'node:readline'
    const db = new Sqlite(${JSON.stringify(path)}, { timeout: ${FOREIGN_WAIT_MS} })
    const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
    const heard = () => lines.next()
    const say = words => process.stdout.write(words + '\\n')
  `
  const program = `${preamble}\n${script}\nprocess.exit()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  let output = ''
  let exit: number | string | null = null
  child.stdout.setEncoding('utf8').on('data', (some: string) => (output += some))
  child.on('close', (code, signal) => (exit = code ?? signal))
  const describe = (): string => `it has said ${JSON.stringify(output)}, and its end is ${exit}`
  return {
    said: words =>
      until(
        () => {
          if (output.includes(`${words}\n`)) return true
          if (exit !== null) throw new Error(`the foreign process never said "${words}": ${describe()}`)
          return false
        },
        `the foreign process to say "${words}"`,
        describe,
      ),
    goOn: () => void child.stdin.write('go on\n'),
    async ended() {
      await until(() => exit !== null, 'the foreign process to end', describe)
      if (exit !== 0) throw new Error(`the foreign process has failed: ${describe()}`)
    },
  }
}

export interface Work {
  readonly statements: number
  /** That were given or changed. */
  readonly rows: number
}

/** What is asked of SQLite in this process by prepared statements, as all of the adapter's are, since the last call of `take`. */
export function countStatements(): { take(): Work } {
  const some = new Sqlite(':memory:')
  const prototype = Object.getPrototypeOf(some.prepare('SELECT 1')) as Statement
  some.close()
  const spies = [
    { spy: vi.spyOn(prototype, 'all'), rows: (result: unknown) => (result as unknown[]).length },
    { spy: vi.spyOn(prototype, 'get'), rows: (result: unknown) => (result === undefined ? 0 : 1) },
    { spy: vi.spyOn(prototype, 'run'), rows: (result: unknown) => (result as { changes: number }).changes },
  ]
  return {
    take() {
      let [statements, rows] = [0, 0]
      for (const { spy, rows: rowsOf } of spies) {
        statements += spy.mock.calls.length
        for (const { type, value } of spy.mock.results) if (type === 'return') rows += rowsOf(value)
        spy.mockClear()
      }
      return { statements, rows }
    },
  }
}

/** The most that SQLite gave or changed between two turns of the event loop, in rows, until it is asked for. */
export function watchTurns(): { mostRows(): number } {
  const work = countStatements()
  let most = 0
  let isOver = false
  const turn = (): void => {
    most = Math.max(most, work.take().rows)
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  return {
    mostRows() {
      isOver = true
      turn()
      return most
    },
  }
}

export function insertion(
  path: string,
  content = 'content',
  version = 1_000,
): Extract<ConditionalWrite, { type: 'set' }> {
  const data = { path, content, app: 'app', ownerId: 'shared', lastUpdated: version }
  return { type: 'set', id: `app:${path}`, expected: null, data }
}

export async function allHeads(adapter: SqliteAdapter): Promise<RecordHead[]> {
  const heads: RecordHead[] = []
  for (let after: string | null = null; ;) {
    const page = await adapter.heads('app', 'shared', after)
    heads.push(...page.heads)
    if (page.next === null) return heads
    after = page.next
  }
}

export interface Feed {
  readonly hints: HeadsHint[]
  readonly errors: unknown[]
  /** Ids that were told, in order; '*' for everything. */
  ids(): string[]
  /** The newest notice of an id. */
  last(id: string): RecordHead | null | undefined
  describe(): string
}

export function listenTo(adapter: SqliteAdapter): Feed {
  const hints: HeadsHint[] = []
  const errors: unknown[] = []
  const end = adapter.watchHeads(
    'app',
    'shared',
    hint => hints.push(hint),
    error => errors.push(error),
  )
  onTestFinished(end)
  const ids = (): string[] =>
    hints.flatMap(hint => (hint === 'everything' ? ['*'] : hint.map(({ id }) => id)))
  return {
    hints,
    errors,
    ids,
    last: id =>
      hints.flatMap(hint => (hint === 'everything' ? [] : hint)).findLast(one => one.id === id)?.head,
    describe: () =>
      `it has told ${ids().join(', ') || 'nothing'}; errors: ${errors.map(String).join(', ') || 'none'}`,
  }
}

/** '*' is everything. */
export function untilTold(feed: Feed, ...ids: readonly string[]): Promise<void> {
  return until(
    () => ids.every(id => feed.ids().includes(id)),
    `the feed to tell ${ids.join(', ')}`,
    feed.describe,
  )
}

/**
 * How much of its own time, in milliseconds, an adapter that was at rest takes to tell what `act` does; null: it has
 * told nothing. Its time stands still until a watch has told it, unless it looks often anyway.
 */
export async function ownTimeToTell(
  clock: SteeredClock,
  act: () => unknown,
  isTold: () => boolean,
): Promise<number | null> {
  const atRest = clock.sleepers
  await act()
  await until(
    () => isTold() || clock.sleepers > atRest || clock.nextWakeMs <= FREQUENT_LOOK_MS,
    'the adapter to be told by its watch',
    () => clock.describe(),
  )
  return clock.passUntil(isTold, OWN_LIMIT_MS)
}

/** Until the adapter has done all that it does without time, and sleeps. */
export function untilAtRest(clock: SteeredClock): Promise<void> {
  return until(
    () => clock.sleepers > 0,
    'the adapter to be at rest',
    () => clock.describe(),
  )
}
