/**
 * The process in which the host runs: started here, started again when it dies (its engines go on from the stored
 * state, R13.1), and asked to end. Pages and the tray are its clients; a port that comes while there is none waits.
 */
import { join } from 'node:path'
import { type MessagePortMain, utilityProcess, type UtilityProcess } from 'electron'
import type { Log } from '../engine/ports/log.ts'
import type { ShellPort } from '../host/app/shell-port.ts'
import type { FromHost, ShellAnswer, ShellQuestion, ToHost } from '../host-process/protocol.ts'
import { Pulse } from './pulse.ts'
import { Restarts } from './restarts.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface HostProcessOptions {
  /** Asked before each start. */
  readonly environment: () => Promise<Environment>
  readonly shell: Required<ShellPort>
  readonly log: Log
  /** A new one runs; it takes connections. */
  readonly onStart: () => void
  /** `reason` is a sentence for a person, where it has said one. */
  readonly onDeath: (reason: string | null) => void
  /** It does nothing but die. */
  readonly onManyDeaths: () => void
  readonly onSilence: (isSilent: boolean) => void
}

/** Between two questions whether it is alive, in milliseconds. */
const BEAT_MS = 3_000

export class HostProcess {
  readonly #options: HostProcessOptions
  readonly #restarts = new Restarts()
  readonly #ended = Promise.withResolvers<void>()
  #child: UtilityProcess | null = null
  /** For the next one. */
  #waiting: MessagePortMain[] = []
  #starting: NodeJS.Timeout | null = null
  #isEnding = false

  constructor(options: HostProcessOptions) {
    this.#options = options
  }

  start(): void {
    this.#start().catch((error: unknown) => this.#onDeath(String(error)))
  }

  /** A client that speaks the contract over this port. */
  connect(port: MessagePortMain): void {
    if (this.#child === null) this.#waiting.push(port)
    else this.#child.postMessage({ type: 'connect' } satisfies ToHost, [port])
  }

  tell(message: Extract<ToHost, { type: 'suspend' | 'resume' }>): void {
    this.#send(message)
  }

  /** What the shell can do has changed. */
  tellShell(): void {
    this.#send({ type: 'shell', info: this.#options.shell.info })
  }

  /** A person wants it: it need not wait, and what hangs ends. */
  restart(): void {
    this.#restarts.forget()
    if (this.#child !== null) return this.kill()
    if (this.#starting === null) return
    clearTimeout(this.#starting)
    this.#starting = null
    this.start()
  }

  /** Resolves when it has flushed what is under way and ended. No other one is started. */
  async close(): Promise<void> {
    this.#isEnding = true
    if (this.#starting !== null) clearTimeout(this.#starting)
    if (this.#child === null) return
    this.#send({ type: 'close' })
    await this.#ended.promise
  }

  /** Also where it hangs, for which a kind signal is not enough. */
  kill(): void {
    const pid = this.#child?.pid
    if (pid === undefined) return
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }

  async #start(): Promise<void> {
    const env = await this.#options.environment()
    if (this.#isEnding) return
    const child = utilityProcess.fork(join(import.meta.dirname, 'host-process.js'), [], {
      env: { ...env },
      serviceName: 'Lockstep sync',
    })
    this.#child = child
    let reason: string | null = null
    const pulse = new Pulse()
    const beating = setInterval(() => {
      this.#send({ type: 'ping' })
      if (pulse.beat()) this.#onSilence(true)
    }, BEAT_MS)
    child.on('message', (message: FromHost) => {
      if (message.type === 'failed') reason = message.message
      if (message.type === 'pong' && pulse.answer()) this.#onSilence(false)
      if (message.type === 'ask') this.#answer(child, message.id, message.question)
    })
    child.once('exit', code => {
      clearInterval(beating)
      this.#child = null
      if (this.#isEnding) return this.#ended.resolve()
      this.#options.log.error('the host’s process has ended; another one is started', {
        code,
        error: reason ?? '',
      })
      this.#onDeath(reason)
    })
    this.tellShell()
    for (const port of this.#waiting.splice(0)) this.connect(port)
    this.#options.onStart()
  }

  #onDeath(reason: string | null): void {
    const wait = this.#restarts.add(Date.now())
    this.#starting = setTimeout(() => {
      this.#starting = null
      this.start()
    }, wait)
    this.#options.onDeath(reason)
    if (this.#restarts.areToBeTold) this.#options.onManyDeaths()
  }

  #onSilence(isSilent: boolean): void {
    const { log, onSilence } = this.#options
    if (isSilent) log.error('the host’s process does not answer')
    else log.info('the host’s process answers again')
    onSilence(isSilent)
  }

  #answer(child: UtilityProcess, id: number, question: ShellQuestion): void {
    void answerOf(this.#options.shell, question).then(answer => {
      if (this.#child === child) this.#send({ type: 'answer', id, answer })
    })
  }

  #send(message: ToHost): void {
    this.#child?.postMessage(message)
  }
}

async function answerOf(shell: Required<ShellPort>, question: ShellQuestion): Promise<ShellAnswer> {
  try {
    return { picked: (await carryOut(shell, question)) ?? null }
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) }
  }
}

function carryOut(shell: Required<ShellPort>, question: ShellQuestion): Promise<string | null | void> {
  switch (question.call) {
    case 'pickFolder':
      return shell.pickFolder()
    case 'open':
      return shell.open(question.path)
    case 'reveal':
      return shell.reveal(question.path)
    case 'openExternal':
      return shell.openExternal(question.url)
    case 'setStartAtLogin':
      return shell.setStartAtLogin(question.isOn)
  }
}
