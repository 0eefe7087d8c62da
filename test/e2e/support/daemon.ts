/** `lockstep serve` as a process of its own, which can be killed and started again at the same place. */
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Environment, exitOf, start } from '../../support/lockstep.ts'
import { within } from '../../support/until.ts'

/** Another build of the page may be put to the same tests. */
const RENDERER = process.env['LOCKSTEP_TEST_RENDERER']

export class DaemonProcess {
  readonly #env: Environment
  #child: ChildProcess | null = null
  #ended: Promise<number | string> = Promise.resolve(0)
  port = 0

  constructor(env: Environment) {
    this.#env = RENDERER === undefined ? env : { ...env, LOCKSTEP_RENDERER: RENDERER }
  }

  async start(): Promise<void> {
    const child = start(['serve', '--no-open', '--json', '--port', String(this.port)], this.#env)
    this.#child = child
    this.#ended = exitOfLong(child)
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (some: string) => (stderr += some))
    const line = await firstLine(child, () => stderr)
    this.port = (JSON.parse(line) as { port: number }).port
  }

  /** With the token that is good now: once. */
  get url(): string {
    const file = join(this.#env['LOCKSTEP_HOME'] ?? '', 'running.json')
    return (JSON.parse(readFileSync(file, 'utf8')) as { url: string }).url
  }

  async stop(): Promise<void> {
    if (this.#child === null) return
    this.#child.kill('SIGTERM')
    await exitOf(this.#child, 'the daemon')
    this.#child = null
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    this.#child = null
    await this.#ended
  }
}

/** Without a limit: it runs for as long as the test does. */
function exitOfLong(child: ChildProcess): Promise<number | string> {
  return new Promise(done => {
    child.once('close', (code, signal) => done(code ?? signal ?? 'unknown'))
  })
}

function firstLine(child: ChildProcess, stderr: () => string): Promise<string> {
  if (child.stdout === null) throw new Error('the daemon has no output')
  const lines = createInterface({ input: child.stdout })
  const line = new Promise<string>((done, fail) => {
    lines.once('line', done)
    child.once('close', code => fail(new Error(`the daemon ended with ${String(code)}\n${stderr()}`)))
  })
  return within(line, 'the daemon to listen', stderr)
}

/** The built page, for tests that serve it themselves. */
export function pagesFolder(): string {
  const folder = RENDERER ?? join(import.meta.dirname, '..', '..', '..', 'out', 'renderer')
  if (!existsSync(join(folder, 'index.html'))) throw new Error(`${folder} has no page: build it first`)
  return folder
}
