/** Starts a program in this process's place: its output, its signals, its exit code. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname } from 'node:path'

export const root = dirname(dirname(import.meta.dirname))

/** @param {string} command @param {readonly string[]} args */
export function runInPlace(command, args, env = process.env) {
  const child = spawn(command, args, { stdio: 'inherit', env })
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.once('error', error => {
    process.stderr.write(`lockstep: ${command} cannot be started: ${error.message}\n`)
    process.exit(1)
  })
  child.once('exit', (code, signal) =>
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
  )
}
