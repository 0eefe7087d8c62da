/**
 * A process of Node beside the main one, with a channel between them. Electron's is one of Chromium's; here it is a child
 * of this process, which runs utility-run.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { ForkOptions } from 'electron'
import { app } from './app.ts'
import { makeCodec } from './clone.ts'
import { desktop } from './desktop.ts'
import type { LoadedModule } from './control-protocol.ts'
import { faults, GuardedEmitter, onlyKnown } from './guarded.ts'
import { loaded } from './loaded.ts'
import { type MessagePortMain, takePorts } from './message-port.ts'
import { type PortMessage, Ports } from './far-ports.ts'
import { mustBeReady } from './ready.ts'

/** Between the two; `data` is a clone as text. */
export type Crossing =
  | { readonly type: 'message'; readonly data: string; readonly ports: readonly number[] }
  | { readonly type: 'fault'; readonly text: string }
  | { readonly type: 'loaded'; readonly module: LoadedModule }
  | PortMessage

const RUNNER = join(import.meta.dirname, 'utility-run.ts')
const OPTIONS = ['env', 'serviceName'] as const satisfies readonly (keyof ForkOptions)[]
const codec = makeCodec()

export class UtilityProcess extends GuardedEmitter {
  readonly stdout: null = null
  readonly stderr: null = null
  readonly #child: ChildProcess
  readonly #ports: Ports
  readonly #name: string
  #pid: number | undefined = undefined

  constructor(modulePath: string, args: readonly string[], options: ForkOptions) {
    mustBeReady('utilityProcess cannot be created before app is ready.')
    super('UtilityProcess', ['spawn', 'exit', 'message', 'error'])
    onlyKnown('utilityProcess.fork', options, OPTIONS)
    const child = spawn(
      process.execPath,
      // Chromium's own argument, by which a test knows whose it is.
      [RUNNER, modulePath, ...args, `--user-data-dir=${app.getPath('userData')}`],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...(options.env ?? process.env) } },
    )
    this.#child = child
    this.#ports = new Ports(message => this.#send(message), 'even')
    this.#name = options.serviceName ?? 'Node Utility Process'
    const shown = { serviceName: this.#name, pid: 0 }
    child.on('spawn', () => {
      this.#pid = child.pid
      desktop.utilities.add(Object.assign(shown, { pid: child.pid ?? 0 }))
      this.emit('spawn')
    })
    child.on('message', message => this.#take(message as Crossing))
    child.on('exit', (code, signal) => {
      desktop.utilities.delete(shown)
      this.#ports.closeAll()
      this.emit('exit', code ?? constants.signals[signal ?? 'SIGTERM'])
      this.#pid = undefined
    })
  }

  get pid(): number | undefined {
    return this.#pid
  }

  postMessage(message: unknown, transfer?: MessagePortMain[]): void {
    this.#send({
      type: 'message',
      data: codec.encode(message),
      ports: this.#ports.send(takePorts(transfer)),
    })
  }

  kill(): boolean {
    return this.#child.kill()
  }

  static fork(modulePath: string, args?: string[], options?: ForkOptions): UtilityProcess {
    return new UtilityProcess(modulePath, args ?? [], options ?? {})
  }

  #take(message: Crossing): void {
    if (message.type === 'message') this.emit('message', codec.decode(message.data))
    else if (message.type === 'fault') faults.push(message.text)
    else if (message.type === 'loaded') loaded.push({ ...message.module, utility: this.#name })
    else this.#ports.take(message)
  }

  /** What is said to one that has ended is lost. */
  #send(message: Crossing): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }
}
