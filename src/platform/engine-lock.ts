/**
 * One engine for each folder (R14).
 *
 * The lock is the OS's own (state/file-lock), so a stale one cannot exist. Who holds it is written beside it, for people only: `engine.json` is believed only
 * while the lock is held and the process it names lives.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineHolder } from '../engine/report.ts'
import { clearTemporaries, writeFileAtomically } from './atomic-file.ts'
import { isRunning, pidNamespace, processStart } from './process-start.ts'
import { type FileLock, isLocked, tryToLock } from './state/file-lock.ts'

export interface EngineLock {
  release(): void
}

export type LockResult = EngineLock | { readonly heldBy: EngineHolder }

/** How long a starter tries: a look by `engineHolder` holds the lock for less than one. Milliseconds. */
const PATIENCE_MS = 200
/** Between tries, up to; by chance, so that two starters do not keep meeting. Milliseconds. */
const LONGEST_WAIT_MS = 20

/** What is known while the holder has not yet said who it is. */
const UNKNOWN_HOLDER: EngineHolder = { pid: 0, startedAt: 0, command: 'another Lockstep engine' }

export async function acquireEngineLock(folderHome: string, holder: EngineHolder): Promise<LockResult> {
  mkdirSync(folderHome, { recursive: true, mode: 0o700 })
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const lock = tryToLock(lockFile(folderHome))
    if (lock !== null) return holding(lock, folderHome, holder)
    if (performance.now() > deadline) return { heldBy: readHolder(folderHome) ?? UNKNOWN_HOLDER }
    await sleep(1 + Math.random() * LONGEST_WAIT_MS)
  }
}

/** The engine that runs on this folder now, seen from outside; null where none does. */
export function engineHolder(folderHome: string): EngineHolder | null {
  return isLocked(lockFile(folderHome)) ? (readHolder(folderHome) ?? UNKNOWN_HOLDER) : null
}

function holding(lock: FileLock, folderHome: string, holder: EngineHolder): EngineLock {
  let isHeld = true
  const release = (): void => {
    if (!isHeld) return
    isHeld = false
    // Before the lock goes: afterwards the file may be the next engine's.
    rmSync(holderFile(folderHome), { force: true })
    lock.release()
  }
  // Whoever has the lock alone writes whole files here.
  clearTemporaries(folderHome)
  try {
    writeFileAtomically(holderFile(folderHome), `${JSON.stringify(signed(holder))}\n`, { mode: 0o600 })
  } catch (error) {
    release()
    throw error
  }
  return { release }
}

interface SignedHolder extends EngineHolder {
  readonly host: string
  readonly namespace: string | null
  readonly processStart: string | null
}

function signed(holder: EngineHolder): SignedHolder {
  const { pid, startedAt, command } = holder
  const place = { host: hostname(), namespace: pidNamespace() }
  return { pid, startedAt, command, ...place, processStart: processStart(pid) }
}

/** Null where nothing is written, or what is written is of an engine that has ended. */
function readHolder(folderHome: string): EngineHolder | null {
  const written = parseHolder(folderHome)
  if (written === null || !mayStillRun(written)) return null
  const { pid, startedAt, command } = written
  return { pid, startedAt, command }
}

function mayStillRun(holder: SignedHolder): boolean {
  // On another machine or in another container its pid means nothing here; the lock says that it runs.
  if (holder.host !== hostname() || holder.namespace !== pidNamespace()) return true
  return isRunning(holder.pid) && processStart(holder.pid) === holder.processStart
}

function parseHolder(folderHome: string): SignedHolder | null {
  try {
    const parsed: unknown = JSON.parse(readFileSync(holderFile(folderHome), 'utf8'))
    return isSignedHolder(parsed) ? parsed : null
  } catch {
    // Gone, or of a version with another form: the lock still counts, only the name is missing.
    return null
  }
}

function isSignedHolder(value: unknown): value is SignedHolder {
  if (typeof value !== 'object' || value === null) return false
  const holder = value as Readonly<Record<string, unknown>>
  return (
    typeof holder['pid'] === 'number' &&
    typeof holder['startedAt'] === 'number' &&
    typeof holder['command'] === 'string' &&
    typeof holder['host'] === 'string' &&
    isTextOrNull(holder['namespace']) &&
    isTextOrNull(holder['processStart'])
  )
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string'
}

function lockFile(folderHome: string): string {
  return join(folderHome, 'engine.lock.db')
}

function holderFile(folderHome: string): string {
  return join(folderHome, 'engine.json')
}
