/** MessagePorts of the main process. The other end may lie in a page: see far-ports.ts. */
import { GuardedEmitter, guard, inner } from './guarded.ts'

/** One end of a channel, wherever it lies. */
export interface PortEnd {
  /** The end that hears what this one says; null once either has closed. */
  other: PortEnd | null
  /** `data` is a clone already. */
  take(data: unknown, ports: readonly PortEnd[]): void
  /** The other end has closed or is gone. */
  lose(): void
}

function entangle(a: PortEnd, b: PortEnd): void {
  a.other = b
  b.other = a
}

interface Message {
  readonly data: unknown
  readonly ports: readonly PortEnd[]
}

/** The end that a MessagePortMain holds. It queues until the port is started. */
class MainEnd implements PortEnd {
  other: PortEnd | null = null
  #queue: Message[] = []
  #isStarted = false
  readonly #port: MessagePortMain

  constructor(port: MessagePortMain) {
    this.#port = port
  }

  take(data: unknown, ports: readonly PortEnd[]): void {
    this.#queue.push({ data, ports })
    if (this.#isStarted) setImmediate(() => this.#flush())
  }

  lose(): void {
    this.other = null
    setImmediate(() => {
      this.#flush()
      this.#port.emit('close')
    })
  }

  start(): void {
    this.#isStarted = true
    setImmediate(() => this.#flush())
  }

  /** What has come and was never heard, for whoever takes this end's place. */
  rest(): readonly Message[] {
    return this.#queue.splice(0)
  }

  #flush(): void {
    if (!this.#isStarted) return
    for (const { data, ports } of this.#queue.splice(0)) {
      const event = { data, ports: ports.map(portOf) }
      this.#port.emit('message', guard('MessageEvent', event))
    }
  }
}

/** Gives the end away: the port is of no more use. Whoever gets it, gets what has come so far. */
const give = Symbol('give')

export class MessagePortMain extends GuardedEmitter {
  #end: MainEnd | null = new MainEnd(this)

  constructor() {
    super('MessagePortMain', ['message', 'close'])
  }

  get [inner](): PortEnd {
    if (this.#end === null) throw new TypeError('Port at index 0 is already neutered')
    return this.#end
  }

  postMessage(message: unknown, transfer?: MessagePortMain[]): void {
    const ports = takePorts(transfer)
    const data = cloned(message)
    this.#end?.other?.take(data, ports)
  }

  start(): void {
    this.#end?.start()
  }

  close(): void {
    const other = this.#end?.other
    if (this.#end !== null) this.#end.other = null
    other?.lose()
  }

  [give](): PortEnd {
    const end = this.#end
    if (end === null) throw new TypeError('Port at index 0 is already neutered')
    this.#end = null
    return end
  }
}

export class MessageChannelMain {
  readonly port1: MessagePortMain = new MessagePortMain()
  readonly port2: MessagePortMain = new MessagePortMain()

  constructor() {
    entangle(this.port1[inner], this.port2[inner])
    return guard('MessageChannelMain', this)
  }
}

/** The ends of ports that go with a message. Throws as Electron does for anything else. */
export function takePorts(transfer: readonly unknown[] = []): PortEnd[] {
  return transfer.map((port, index) => {
    if (!(port instanceof MessagePortMain)) throw new TypeError(`Port at index ${index} is not a valid port`)
    return port[give]()
  })
}

/** A port for an end that has arrived. */
export function portOf(end: PortEnd): MessagePortMain {
  const port = new MessagePortMain()
  replace(end, port[inner])
  return port
}

/** Puts another end in the place of one that travels: what it had heard and not passed on goes along. */
export function replace(end: PortEnd, by: PortEnd): void {
  const { other } = end
  if (other === null) by.lose()
  else entangle(by, other)
  if (end instanceof MainEnd) for (const { data, ports } of end.rest()) by.take(data, ports)
}

function cloned(message: unknown): unknown {
  try {
    return structuredClone(message)
  } catch {
    throw new Error('An object could not be cloned.')
  }
}
