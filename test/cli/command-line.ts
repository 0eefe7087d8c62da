/** The real command line, as it is built, as a process of its own, with folders that are thrown away. */
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '../..')
const ENTRY = join(ROOT, 'out/main/cli.js')

// Builds if the sources have changed; says and does nothing otherwise.
execFileSync(process.execPath, [join(ROOT, 'scripts/bootstrap.mjs')], { stdio: 'inherit' })

/** For anything that a test waits for, in milliseconds; far more than it takes. */
const PATIENCE_MS = 30_000

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
      env: { ...withoutOurs(process.env), ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#running.add(child)
    child.once('close', () => this.#running.delete(child))
    return child
  }

  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return outcomeOf(this.start(args, env))
  }

  /** `watch --json`, once it is in step. */
  async watch(folder: string): Promise<Watching> {
    const watching = new Watching(this.start(['watch', folder, '--json']))
    await watching.until(
      event => event['type'] === 'status' && event['state'] === 'idle' && event['pending'] === 0,
    )
    return watching
  }

  remove(): void {
    for (const child of this.#running) child.kill('SIGKILL')
    rmSync(this.top, { recursive: true, force: true })
  }
}

export class Watching {
  readonly child: ChildProcess
  readonly events: Json[] = []
  readonly outcome: Promise<Outcome>
  #look: () => void = () => {}

  constructor(child: ChildProcess) {
    this.child = child
    this.outcome = outcomeOf(child)
    createInterface({ input: child.stdout! }).on('line', line => {
      this.events.push(JSON.parse(line) as Json)
      this.#look()
    })
  }

  /** The first event that fits, also among those that have come. */
  async until(fits: (event: Json) => boolean): Promise<Json> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`in vain; so far: ${JSON.stringify(this.events)}`)),
        PATIENCE_MS,
      )
      this.#look = () => {
        const found = this.events.find(fits)
        if (found === undefined) return
        clearTimeout(timer)
        resolve(found)
      }
      this.#look()
    })
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome> {
    this.child.kill(signal)
    return this.outcome
  }
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timer)
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
