/**
 * One app or daemon at a time for each LOCKSTEP_HOME. Whoever comes second finds where the first can be seen.
 *
 * The lock is the operating system's, so it ends with the process. The address, token included, is written
 * beside it for the owner's eyes alone, and believed only while the lock is held.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import { makeFolder } from '../../platform/make-folder.ts'
import { isRunning } from '../../platform/process-start.ts'
import { type FileLock, tryToLock } from '../../platform/state/file-lock.ts'

const RunningInstance = z.object({
  pid: z.number(),
  startedAt: z.number(),
  kind: z.enum(['electron', 'daemon']),
  /** Where a browser sees it, with the token that is good now; null for the desktop app. */
  url: z.string().nullable(),
})
export type RunningInstance = z.infer<typeof RunningInstance>

export interface Instance {
  /** Says where this one can be seen. */
  announce(running: RunningInstance): void
  release(): void
}

/** How long a second starter waits for the first one to say where it is, in milliseconds. */
const PATIENCE_MS = 5_000
const POLL_MS = 50

/** The instance, or who has it: null while it has not said where it can be seen. */
export async function takeInstance(home: string): Promise<Instance | { heldBy: RunningInstance | null }> {
  makeFolder(home)
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const lock = tryToLock(lockFile(home))
    if (lock !== null) return instance(lock, home)
    const running = readAddress(home)
    if (running !== null || performance.now() > deadline) return { heldBy: running }
    await sleep(POLL_MS)
  }
}

function instance(lock: FileLock, home: string): Instance {
  // A killed one has left its address behind.
  rmSync(addressFile(home), { force: true })
  let isHeld = true
  return {
    announce: running => announce(home, running),
    release: () => {
      if (!isHeld) return
      isHeld = false
      rmSync(addressFile(home), { force: true })
      lock.release()
    },
  }
}

/** On a full disk the address is missing, and the lock counts all the same. */
function announce(home: string, running: RunningInstance): void {
  try {
    writeFileAtomically(addressFile(home), `${JSON.stringify(running)}\n`, { mode: 0o600, isNew: true })
  } catch {
    rmSync(addressFile(home), { force: true })
  }
}

function readAddress(home: string): RunningInstance | null {
  try {
    const running = RunningInstance.parse(JSON.parse(readFileSync(addressFile(home), 'utf8')))
    return isRunning(running.pid) ? running : null
  } catch {
    // Not written yet.
    return null
  }
}

function lockFile(home: string): string {
  return join(home, 'app.lock.db')
}

function addressFile(home: string): string {
  return join(home, 'running.json')
}
