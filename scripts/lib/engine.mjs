/**
 * Runs the real command line as real processes, for the demo and the benchmark.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '..', '..')

/** Another build may be put to the same use. */
export const cli = process.env['LOCKSTEP_TEST_CLI'] ?? join(root, 'bin', 'lockstep.mjs')

/** How long an engine may take to start or to end, in ms. */
const PATIENCE = 120_000

/** `lockstep watch <folder> --json`, with its events as they come. */
export class Engine {
  /** @type {(event: any) => void} */
  onEvent = () => {}
  /** The last status that it printed. */
  status = { state: 'starting', pending: 0 }
  stderr = ''

  constructor(folder, env) {
    this.child = spawn(process.execPath, [cli, 'watch', folder, '--json'], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.exit = once(this.child, 'exit').then(([code, signal]) => code ?? signal)
    this.child.stderr.on('data', chunk => (this.stderr += chunk))
    createInterface({ input: this.child.stdout }).on('line', line => this.#receive(JSON.parse(line)))
  }

  get pid() {
    return this.child.pid ?? 0
  }

  #receive(event) {
    if (event.type === 'status') this.status = event
    this.onEvent(event)
  }

  /** Resolves once it is in step with all that it knows. */
  async idle() {
    await until(() => {
      if (this.child.exitCode !== null) throw new Error(`an engine has ended early:\n${this.stderr}`)
      return this.status.state === 'idle' && this.status.pending === 0
    }, 'an engine to be in step')
  }

  /** Asks it to end, as Ctrl-C does, and returns its exit code. */
  async stop() {
    this.child.kill('SIGTERM')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE)
    const code = await this.exit
    clearTimeout(timer)
    return code
  }
}

/** Waits until `condition` holds and returns how long that took, in ms. */
export async function until(condition, what, patience = PATIENCE) {
  const start = performance.now()
  while (!condition()) {
    if (performance.now() - start > patience)
      throw new Error(`waited ${patience / 1000} s for ${what}, in vain`)
    await sleep(2)
  }
  return performance.now() - start
}

export function sleep(ms) {
  return new Promise(done => setTimeout(done, ms))
}
