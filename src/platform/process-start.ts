/**
 * Names one life of a process, which its pid alone does not: pids come again.
 *
 * Known on Linux (`proc(5)`: field 22 of /proc/PID/stat, in clock ticks since boot). Elsewhere null, and a
 * pid is all there is.
 */
import { readFileSync, readlinkSync } from 'node:fs'

/** Fields of /proc/PID/stat after the name, which itself may hold spaces and brackets, start with the third. */
const START_TIME_INDEX = 22 - 3

/** Null where there is no such process, or no way to know. */
export function processStart(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`)
  const ticks = stat
    ?.slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(START_TIME_INDEX)
  if (ticks === undefined) return null
  return `${readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}:${ticks}`
}

/** Names the pid namespace: the same pid in another container is another process. Null where there are none. */
export function pidNamespace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return null
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
