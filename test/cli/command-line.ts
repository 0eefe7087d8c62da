/** The real command line, as it is built, as a process of its own, with folders that are thrown away. */
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { COMPILE_CACHE } from '../support/lockstep.ts'
import { noteFolder, noteProcess, noteRemoved } from '../support/orphans.ts'
import { until, within } from '../support/until.ts'

const ROOT = join(import.meta.dirname, '../..')
const ENTRY = join(ROOT, 'out/main/cli.js')

// Builds if the sources have changed; says and does nothing otherwise.
execFileSync(process.execPath, [join(ROOT, 'scripts/bootstrap.mjs')], { stdio: 'inherit' })

export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export type Json = Readonly<Record<string, unknown>>

/** The JSON document in the last line of stdout. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what the test expects to find
export function documentOf<T = Json>(outcome: Outcome): T {
  const last = outcome.stdout.trimEnd().split('\n').at(-1) ?? ''
  return JSON.parse(last) as T
}

export class Sandbox {
  readonly top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-cli-')))
  readonly #running = new Set<ChildProcess>()

  constructor() {
    noteFolder(this.top)
  }

  put(path: string, content: string | Uint8Array): string {
    const full = this.path(path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, content)
    return full
  }

  path(path: string): string {
    return join(this.top, path)
  }

  /** A project of the app `bot` that shares JSON and Markdown through `shared/sync.db`. */
  project(name: string, config: Json = { syncFilePatterns: ['data/**/*.json', 'data/**/*.md'] }): string {
    mkdirSync(this.path('shared'), { recursive: true })
    this.put(`${name}/package.json`, '{ "name": "bot" }')
    this.put(`${name}/.env`, 'FILE_SYNC_SQLITE_PATH=../shared/sync.db\n')
    this.put(`${name}/data/sync-config.json`, `${JSON.stringify(config, null, 2)}\n`)
    return this.path(name)
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const own = { LOCKSTEP_HOME: this.path('home'), NO_COLOR: '' }
    const child = spawn(process.execPath, [ENTRY, ...args], {
      cwd: this.top,
      env: { ...withoutOurs(process.env), ...COMPILE_CACHE, ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    noteProcess(child)
    this.#running.add(child)
    child.once('close', () => this.#running.delete(child))
    return child
  }

  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return outcomeOf(this.start(args, env))
  }

  /** `watch --json`, once it has begun. */
  async begin(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Watching> {
    const watching = new Watching(this.start(['watch', folder, '--json'], env))
    await watching.until(() => true, `the first word about ${folder}`)
    return watching
  }

  /** `watch --json`, once it is in step. */
  async watch(folder: string): Promise<Watching> {
    const watching = await this.begin(folder)
    await watching.until(
      event => event['type'] === 'status' && event['state'] === 'idle' && event['pending'] === 0,
      `${folder} to be in step`,
    )
    return watching
  }

  /** For `await using`: tests that run at the same time each end their own. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.remove()
  }

  remove(): void {
    for (const child of this.#running) child.kill('SIGKILL')
    rmSync(this.top, { recursive: true, force: true, maxRetries: 5 })
    noteRemoved(this.top)
  }
}

export class Watching {
  readonly child: ChildProcess
  readonly events: Json[] = []
  readonly outcome: Promise<Outcome>

  constructor(child: ChildProcess) {
    this.child = child
    this.outcome = outcomeOf(child)
    createInterface({ input: child.stdout! }).on('line', line => this.events.push(JSON.parse(line) as Json))
  }

  /** The first event that fits, also among those that have come. */
  async until(fits: (event: Json) => boolean, what: string): Promise<Json> {
    await until(
      () => this.events.some(fits),
      what,
      () => JSON.stringify(this.events),
    )
    return this.events.find(fits)!
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome> {
    this.child.kill(signal)
    return this.outcome
  }
}

/** How it ends, and what it prints from now on. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const [code, signal] = await within(
    closed,
    `the end of ${child.spawnargs.slice(2).join(' ')}`,
    () => `${stdout}\n${stderr}`,
  )
  return { code, signal, stdout, stderr }
}

/** Settings of whoever runs the tests must not reach what is tested. */
function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(?:FILE_SYNC|LOCKSTEP|SUPABASE|CONVEX|FIRESTORE|GOOGLE)_/.test(name),
    ),
  )
}
