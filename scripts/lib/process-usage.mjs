/** What Linux's /proc tells of a running process. Null, or nothing, on other systems. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The most memory that the process has held so far (VmHWM), in bytes; null once it has ended. */
export function peakMemory(pid) {
  try {
    const match = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return match === null ? null : Number(match[1]) * 1024
  } catch {
    return null
  }
}

/** User and system time so far, in ms; null where it is not told. */
export function cpuTime(pid) {
  try {
    // The name, in parentheses, may hold anything; the fields behind it do not.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond()
  } catch {
    return null
  }
}

let ticks = 0

function ticksPerSecond() {
  if (ticks === 0) ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  return ticks
}
