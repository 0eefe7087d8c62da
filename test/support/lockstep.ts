/** The real command line as real processes: one-shot commands, and `watch` with its events as they come. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionEvent, Status } from '../../src/engine/status.ts'
import { noteProcess } from './orphans.ts'
import { within } from './until.ts'

const root = join(import.meta.dirname, '..', '..')
/** Another build may be put to the same tests. */
const CLI = process.env['LOCKSTEP_TEST_CLI'] ?? join(root, 'out', 'main', 'cli.js')

/** Saves an eighth of each start. Named by content and replaced as a whole, so that runs at the same time may share it. */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile') } as const

export type Environment = Readonly<Record<string, string>>

export interface Outcome {
  /** The exit code; the signal's name where one ended it. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
  /** The last line of stdout, parsed. */
  readonly json: unknown
}

/** Runs one command to its end. */
export async function runCommand(args: readonly string[], env: Environment): Promise<Outcome> {
  const child = start(args, env)
  const output = { stdout: '', stderr: '' }
  child.stdout!.setEncoding('utf8').on('data', (some: string) => (output.stdout += some))
  child.stderr!.setEncoding('utf8').on('data', (some: string) => (output.stderr += some))
  const code = await exitOf(child, `lockstep ${args.join(' ')}`, () => `${output.stdout}\n${output.stderr}`)
  return { code, ...output, json: lastLine(output.stdout) }
}

/** Starts one command; it is ended at the latest with the test. */
export function start(args: readonly string[], env: Environment): ChildProcess {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: build it first`)
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...ownEnvironment(), ...COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  noteProcess(child)
  return child
}

/** The exit code or the signal of a process that is about to end, or has ended; kills what does not. */
export function exitOf(child: ChildProcess, what: string, explain?: () => string): Promise<number | string> {
  const ended = new Promise<number | string>((resolve, reject) => {
    const known = child.exitCode ?? child.signalCode
    if (known !== null) resolve(known)
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  return endOf(child, ended, what, explain)
}

/** Kills what does not end, so that the failure's message is the only thing that is left of it. */
async function endOf(
  child: ChildProcess,
  ended: Promise<number | string>,
  what: string,
  explain?: () => string,
): Promise<number | string> {
  try {
    return await within(ended, `the end of ${what}`, explain)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

/** Variables of whoever runs the tests must not reach the engines. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter(name => !/^(?:FILE_SYNC_|LOCKSTEP_|NODE_|VITEST)/.test(name))
  return Object.fromEntries(names.map(name => [name, process.env[name]]))
}

function lastLine(stdout: string): unknown {
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

type Predicate = (event: SessionEvent) => boolean

interface Waiter {
  readonly predicate: Predicate
  readonly resolve: (event: SessionEvent) => void
}

/** `lockstep watch <folder> --json`. */
export class Engine {
  readonly events: SessionEvent[] = []
  readonly ended: Promise<number | string>
  stderr = ''
  /** What came after the last line's end: a killed engine may leave half a line, which is no event. */
  #rest = ''
  readonly #child: ChildProcess
  readonly #waiters = new Set<Waiter>()
  #status: Status | null = null
  #hasEnded = false

  constructor(folder: string, env: Environment) {
    this.#child = start(['watch', folder, '--json'], env)
    this.#child.stderr!.setEncoding('utf8').on('data', (some: string) => (this.stderr += some))
    this.#child.stdout!.setEncoding('utf8').on('data', (some: string) => this.#receive(some))
    this.ended = new Promise(resolve => {
      this.#child.once('close', (code, signal) => {
        this.#hasEnded = true
        resolve(code ?? signal ?? 'unknown')
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get status(): Status | null {
    return this.#status
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** In step with all it knows. */
  get isIdle(): boolean {
    return this.#status?.state === 'idle' && this.#status.pending === 0
  }

  /** The first event that fits, of those that came since `from` or will come. */
  async waitFor(predicate: Predicate, what: string, from = 0): Promise<SessionEvent> {
    const known = this.events.slice(from).find(predicate)
    if (known !== undefined) return known
    let waiter: Waiter | undefined
    const come = new Promise<SessionEvent>(resolve => {
      waiter = { predicate, resolve }
      this.#waiters.add(waiter)
    })
    const ended = this.ended.then(code => {
      throw new Error(`the engine ended with ${code} before ${what}\n${this.describe()}`)
    })
    try {
      return await within(Promise.race([come, ended]), what, () => this.describe())
    } finally {
      if (waiter !== undefined) this.#waiters.delete(waiter)
    }
  }

  async ready(): Promise<this> {
    await this.waitFor(event => event.type === 'ready', 'ready')
    return this
  }

  /** The problems that were reported since `from`. */
  problems(from = 0): Extract<SessionEvent, { type: 'problem' }>[] {
    return this.events.slice(from).filter(event => event.type === 'problem')
  }

  files(from = 0): Extract<SessionEvent, { type: 'file' }>[] {
    return this.events.slice(from).filter(event => event.type === 'file')
  }

  /** Asks it to end, as Ctrl-C does; its exit code. */
  async stop(): Promise<number | string> {
    if (this.#hasEnded) return this.ended
    this.#child.kill('SIGTERM')
    return endOf(this.#child, this.ended, 'the engine', () => this.describe())
  }

  /** Keeps it from doing anything until it may go on. */
  halt(): void {
    if (process.platform !== 'win32') this.#child.kill('SIGSTOP')
  }

  goOn(): void {
    if (process.platform !== 'win32') this.#child.kill('SIGCONT')
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }

  describe(): string {
    const last = this.events.slice(-12).map(event => `  ${JSON.stringify(event)}`)
    return [`the engine's last events, of ${this.events.length}:`, ...last, this.stderr].join('\n')
  }

  #receive(output: string): void {
    const lines = (this.#rest + output).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#receiveLine(line)
  }

  #receiveLine(line: string): void {
    const event = JSON.parse(line) as SessionEvent
    this.events.push(event)
    if (event.type === 'status') this.#status = event
    for (const { predicate, resolve } of this.#waiters) if (predicate(event)) resolve(event)
  }
}
