/**
 * One engine for each folder (R14).
 *
 * The lock is the OS's own (state/file-lock), so a stale one cannot exist. Who holds it, and what keeps that engine
 * from its work, is written beside it, for people only: `engine.json` is believed only while the lock is held and
 * the process it names lives.
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Problem } from '../engine/core/problem.ts'
import type { EngineHolder } from '../engine/report.ts'
import { clearTemporaries, writeFileAtomically } from './atomic-file.ts'
import { makeFolder } from './make-folder.ts'
import { isRunning, pidNamespace, processStart } from './process-start.ts'
import { type FileLock, isLocked, tryToLock } from './state/file-lock.ts'

export interface EngineLock {
  /** Writes down what is wrong with the folder as a whole, for whoever asks how the engine is. */
  tell(problems: readonly Problem[]): void
  /** False where the lock's file was removed or exchanged: another engine may start then. */
  isInPlace(): boolean
  release(): void
}

export type LockResult = EngineLock | { readonly heldBy: EngineHolder }

/** How long a starter tries: a look by `engineHolder` holds the lock for less than one. Milliseconds. */
const PATIENCE_MS = 200
/** All that is told fits into one block of the disk, so that it can be told on a full one. */
const MOST_BYTES = 4_000
/** Between tries, up to; by chance, so that two starters do not keep meeting. Milliseconds. */
const LONGEST_WAIT_MS = 20

/** What is known while the holder has not yet said who it is. */
const UNKNOWN_HOLDER: EngineHolder = { pid: 0, startedAt: 0, command: 'another Lockstep engine' }

export async function acquireEngineLock(folderHome: string, holder: EngineHolder): Promise<LockResult> {
  makeFolder(folderHome)
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

/** What the engine that runs on this folder has told of itself. */
export function engineProblems(folderHome: string): readonly Problem[] {
  if (!isLocked(lockFile(folderHome))) return []
  const written = parseHolder(folderHome)
  return written !== null && mayStillRun(written) ? (written.problems ?? []) : []
}

function holding(lock: FileLock, folderHome: string, holder: EngineHolder): EngineLock {
  let isHeld = true
  const own = signed(holder)
  // Whoever has the lock alone writes whole files here.
  clearTemporaries(folderHome)
  introduce(folderHome, own)
  return {
    tell(problems) {
      // Otherwise the file is another engine's.
      if (lock.isInPlace()) rewrite(folderHome, { ...own, problems })
    },
    isInPlace: () => lock.isInPlace(),
    release() {
      if (!isHeld) return
      isHeld = false
      try {
        // Before the lock goes, and only where it is the one that others meet: otherwise the file may be theirs.
        if (lock.isInPlace()) rmSync(holderFile(folderHome), { force: true })
      } catch {
        // What stays names an engine that has ended, and nobody believes it without the lock.
      } finally {
        lock.release()
      }
    },
  }
}

/** The lock counts, also where a full disk leaves no room for the name. */
function introduce(folderHome: string, holder: SignedHolder): void {
  try {
    writeFileAtomically(holderFile(folderHome), `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  } catch {
    // Room for it may be where the last engine was killed.
    rewrite(folderHome, holder)
  }
}

/** In place, which takes no space where the disk is full. A reader that comes between finds no name for a moment. */
function rewrite(folderHome: string, holder: SignedHolder): void {
  try {
    const file = openSync(holderFile(folderHome), 'r+')
    try {
      writeSync(file, fittingText(holder).padEnd(MOST_BYTES), 0)
    } finally {
      closeSync(file)
    }
  } catch {
    // It is not there, or the disk fails: what is wrong is in the log as well.
  }
}

function fittingText(holder: SignedHolder): string {
  const { problems = [] } = holder
  const text = `${JSON.stringify(holder)}\n`
  if (Buffer.byteLength(text) <= MOST_BYTES || problems.length === 0) return text
  return fittingText({ ...holder, problems: problems.slice(0, -1) })
}

interface SignedHolder extends EngineHolder {
  readonly host: string
  readonly namespace: string | null
  readonly processStart: string | null
  readonly problems?: readonly Problem[]
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
    isTextOrNull(holder['processStart']) &&
    (holder['problems'] === undefined || Array.isArray(holder['problems']))
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
