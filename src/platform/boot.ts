/**
 * Which start of this machine we are in: what was not flushed in an earlier one may not be on the disk (R4).
 *
 * Linux names each boot (`/proc/sys/kernel/random/boot_id`). Elsewhere only an uptime that went back tells of another.
 */
import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'

export interface Boot {
  /** Null where the system names none. */
  readonly id: string | null
  /** Milliseconds since the machine was started. */
  readonly uptimeMs: number
}

export function currentBoot(): Boot {
  return { id: bootId(), uptimeMs: Math.round(uptime() * 1_000) }
}

/** Whether the machine was started anew between the two. */
export function isAnotherBoot(before: Boot, now: Boot): boolean {
  if (before.id !== null && now.id !== null) return before.id !== now.id
  return now.uptimeMs < before.uptimeMs
}

function bootId(): string | null {
  if (process.platform !== 'linux') return null
  try {
    return readFileSync(BOOT_ID, 'utf8').trim() || null
  } catch {
    // A sandbox without /proc: the uptime has to do.
    return null
  }
}
