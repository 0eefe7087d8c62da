/** Which processes a test has left, told by the folder that their command lines name. */
import { readdirSync, readFileSync } from 'node:fs'
import { until } from '../support/until.ts'

/** Chromium's helpers end by themselves soon after it; what does not end fails. Only Linux tells. */
export async function noneLeft(folder: string): Promise<void> {
  const left = () => processesOf(folder)
  await until(
    () => left().length === 0,
    'the last process to end',
    () => left().join('\n'),
  )
}

function processesOf(folder: string): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(commandLine)
    .filter(line => line.includes(folder))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}
