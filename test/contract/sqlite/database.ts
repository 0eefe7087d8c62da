/** For the tests of this folder: a database in a folder of its own, and other programs that use it. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../../src/engine/ports/clock.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import type { ConditionalWrite, HeadsHint, RecordHead } from '../../../src/engine/ports/adapter.ts'
import { type SqliteAdapter, createSqliteAdapter } from '../../../src/adapters/sqlite/adapter.ts'

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-sqlite-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Its time passes twenty times as fast, for limits of many seconds; sleeping does not. */
export const hastyClock: Clock = { ...nodeClock, monotonic: () => nodeClock.monotonic() * 20 }

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
  /** Resolves when it has printed the word. */
  said(word: string): Promise<void>
  readonly ended: Promise<void>
}

/** Runs a script in a process of its own, with `db`, a connection, and `say`. */
export function foreignProcess(path: string, script: string): ForeignProcess {
  const preamble = `
    import Sqlite from 'better-sqlite3'
    const db = new Sqlite(${JSON.stringify(path)})
    const say = word => process.stdout.write(word + '\\n')
    const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
    const now = () => performance.timeOrigin + performance.now()
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', preamble + script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (some: string) => (output += some))
  const ended = new Promise<void>((resolve, reject) => {
    child.on('exit', code =>
      code === 0 ? resolve() : reject(new Error(`the foreign process ended with ${code}`)),
    )
  })
  // A test that ends before it kills the process, which is then nobody's failure.
  ended.catch(() => {})
  return {
    ended,
    said: word => until(() => output.includes(word), 10_000),
  }
}

export async function until(condition: () => boolean, limitMs = 5_000): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${condition.toString()}`)
    await nodeClock.sleep(2)
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
  return {
    hints,
    errors,
    ids: () => hints.flatMap(hint => (hint === 'everything' ? ['*'] : hint.map(({ id }) => id))),
    last: id =>
      hints.flatMap(hint => (hint === 'everything' ? [] : hint)).findLast(one => one.id === id)?.head,
  }
}
