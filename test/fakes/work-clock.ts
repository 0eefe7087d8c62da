/**
 * A clock that goes on with the work that is done instead of with time: so much for each statement of SQLite and each
 * byte that is compressed, about as an ordinary machine takes. What is cut into slices by the clock is cut alike on
 * every machine, and how long the event loop is held can be told without measuring.
 */
import { syncBuiltinESMExports } from 'node:module'
import zlib from 'node:zlib'
import Database from 'better-sqlite3'
import { onTestFinished, vi } from 'vitest'

const STATEMENT_MS = 0.01
/** For each row that is read. */
const ROW_MS = 0.002
/** For each page that is given back to the file system. */
const PAGE_MS = 0.02
const COMPRESSED_BYTES_PER_MS = 100 * 1024
const DECOMPRESSED_BYTES_PER_MS = 400 * 1024

export interface WorkClock {
  /** The most work between two turns of the event loop since the clock was started, in its milliseconds. */
  longestMs(): number
}

/** Until the test ends. */
export function startWorkClock(): WorkClock {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  const spend = (ms: number): void => void (now += ms)
  chargeStatements(spend)
  chargeCompression(spend)
  return watchTurns(() => now)
}

function chargeStatements(spend: (ms: number) => void): void {
  const sqlite = new Database(':memory:')
  const statement = Object.getPrototypeOf(sqlite.prepare('SELECT 1')) as Database.Statement
  sqlite.close()
  for (const name of ['run', 'get', 'all'] as const) {
    const original = statement[name]
    vi.spyOn(statement, name).mockImplementation(function (this: Database.Statement, ...args) {
      const result: unknown = Reflect.apply(original, this, args)
      spend(STATEMENT_MS + (Array.isArray(result) && name === 'all' ? result.length * ROW_MS : 0))
      return result
    })
  }
  const { pragma } = Database.prototype
  vi.spyOn(Database.prototype, 'pragma').mockImplementation(function (this: Database.Database, ...args) {
    spend(PAGE_MS * Number(/^incremental_vacuum\((\d+)\)/.exec(args[0])?.[1] ?? 0))
    return Reflect.apply(pragma, this, args)
  })
}

function chargeCompression(spend: (ms: number) => void): void {
  const { zstdCompressSync, zstdDecompressSync } = zlib
  vi.spyOn(zlib, 'zstdCompressSync').mockImplementation((bytes, options) => {
    spend(Buffer.byteLength(bytes) / COMPRESSED_BYTES_PER_MS)
    return zstdCompressSync(bytes, options)
  })
  vi.spyOn(zlib, 'zstdDecompressSync').mockImplementation((bytes, options) => {
    const raw = zstdDecompressSync(bytes, options)
    spend(raw.length / DECOMPRESSED_BYTES_PER_MS)
    return raw
  })
  syncBuiltinESMExports()
  onTestFinished(() => {
    vi.restoreAllMocks()
    syncBuiltinESMExports()
  })
}

function watchTurns(now: () => number): WorkClock {
  let [last, longest] = [now(), 0]
  let isOver = false
  const note = (): void => {
    longest = Math.max(longest, now() - last)
    last = now()
  }
  const turn = (): void => {
    note()
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  onTestFinished(() => void (isOver = true))
  return {
    longestMs() {
      note()
      return longest
    },
  }
}
