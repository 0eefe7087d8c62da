/** The one way in which every host keeps an engine at work (R13.1). */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Log } from '../../src/engine/ports/log.ts'
import type { SessionEvent } from '../../src/engine/status.ts'
import { EngineSeat } from '../../src/host/engine-seat.ts'
import { FolderHeldError } from '../../src/host/errors.ts'
import { type EngineRequest, keepEngine } from '../../src/host/keep-engine.ts'
import { until } from '../support/until.ts'

let top: string
let folder: string
let env: Record<string, string>
let logged: string[]
let ending: AbortController

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-keep-')))
  folder = join(top, 'project')
  mkdirSync(join(folder, 'data'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "kept" }')
  writeFileSync(join(folder, 'data/sync-config.json'), '{ "syncFilePatterns": ["data/**"] }')
  writeFileSync(join(folder, 'data/a.md'), 'a\n')
  env = { LOCKSTEP_HOME: join(top, 'home') }
  logged = []
  ending = new AbortController()
})

afterEach(() => {
  ending.abort()
  rmSync(top, { recursive: true })
})

const log: Log = { debug() {}, info() {}, error: message => void logged.push(message) }

interface Kept {
  readonly events: SessionEvent[]
  readonly ended: Promise<void>
}

function keep(more: Partial<EngineRequest> = {}): Kept {
  const events: SessionEvent[] = []
  const seat = new EngineSeat(env['LOCKSTEP_HOME']!, 'a test')
  const ended = keepEngine({
    folder,
    env,
    home: env['LOCKSTEP_HOME']!,
    log,
    first: { folder },
    seat,
    refuses: false,
    signal: ending.signal,
    onEvent: event => void events.push(event),
    ...more,
  }).finally(() => seat.release())
  return { events, ended }
}

const isAtRest = ({ events }: Kept): boolean =>
  events.some(event => event.type === 'status' && event.state === 'idle' && event.pending === 0)

test('R13.1 a listener that fails ends no engine', async () => {
  const { ended } = keep({
    onEvent: () => {
      throw new Error('of the listener')
    },
  })
  await until(() => existsSync(join(folder, 'data/sync.db')) && logged.length > 3, 'the engine to go on')
  ending.abort()
  await ended
  expect(new Set(logged)).toEqual(new Set(['a listener of an engine has failed']))
})

test('R14 who refuses is told that the folder is held; who waits gets it in the end', async () => {
  const holder = new EngineSeat(env['LOCKSTEP_HOME']!, 'the first one')
  await holder.take(folder)
  await expect(keep({ refuses: true }).ended).rejects.toBeInstanceOf(FolderHeldError)
  const held: (string | null)[] = []
  const waiting = keep({ onHeld: by => void held.push(by?.command ?? null) })
  await until(
    () => waiting.events.some(event => event.type === 'problem' && event.code === 'held-elsewhere'),
    'the holder to be told of',
  )
  holder.release()
  await until(() => isAtRest(waiting), 'the engine to start')
  ending.abort()
  await waiting.ended
  expect(held[0]).toBe('the first one')
  expect(held.at(-1)).toBeNull()
  expect(waiting.events.findLast(event => event.type === 'status')).toMatchObject({ problems: 0 })
})

test('R13.2 a state that cannot be opened is tried again, with a problem meanwhile that goes by itself', async () => {
  let failures = 0
  const kept = keep({
    onOpen: async () => {
      failures += 1
      if (failures < 3) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' })
    },
  })
  await until(() => isAtRest(kept), 'the engine to start')
  ending.abort()
  await kept.ended
  const told = kept.events.filter(event => event.type === 'problem' || event.type === 'recovered')
  expect(told).toMatchObject([
    { type: 'problem', code: 'state-failed', retryAt: expect.any(Number) as number },
    { type: 'problem', code: 'state-failed', retryAt: expect.any(Number) as number },
    { type: 'recovered', code: 'state-failed' },
  ])
  expect(logged).toHaveLength(2)
})
