/**
 * Ports whose one end lies elsewhere, in a page or in another process: each has a number, even where it came from the main
 * process and odd where from there.
 */
import { makeCodec } from './clone.ts'
import { type MessagePortMain, type PortEnd, portOf, replace } from './message-port.ts'

/** `data` is a clone as text. */
export type PortMessage =
  | {
      readonly type: 'port-message'
      readonly port: number
      readonly data: string
      readonly ports: readonly number[]
    }
  | { readonly type: 'port-close'; readonly port: number }

const codec = makeCodec()

/** The half of a far port that lies here: what it hears, the other side gets. */
class FarEnd implements PortEnd {
  other: PortEnd | null = null
  readonly #ports: Ports
  readonly #id: number

  constructor(ports: Ports, id: number) {
    this.#ports = ports
    this.#id = id
  }

  take(data: unknown, ports: readonly PortEnd[]): void {
    this.#ports.post({
      type: 'port-message',
      port: this.#id,
      data: codec.encode(data),
      ports: this.#ports.send(ports),
    })
  }

  lose(): void {
    this.other = null
    this.#ports.forget(this.#id)
    this.#ports.post({ type: 'port-close', port: this.#id })
  }
}

export class Ports {
  readonly post: (message: PortMessage) => void
  readonly #ends = new Map<number, FarEnd>()
  #lastId: number

  /** Which numbers this side gives. */
  constructor(post: (message: PortMessage) => void, numbers: 'even' | 'odd') {
    this.post = post
    this.#lastId = numbers === 'even' ? 0 : -1
  }

  take(message: PortMessage): void {
    if (message.type === 'port-close') this.closed(message.port)
    else this.heard(message.port, message.data, message.ports)
  }

  /** Ends that go over; the numbers under which they arrive there. */
  send(ends: readonly PortEnd[]): number[] {
    return ends.map(end => {
      this.#lastId += 2
      const id = this.#lastId
      // First known, then entangled: what had been heard goes along at once, and is kept there until it is known.
      const farEnd = this.#add(id)
      setImmediate(() => replace(end, farEnd))
      return id
    })
  }

  /** Ports that have come from there. */
  arrive(ids: readonly number[]): MessagePortMain[] {
    return ids.map(id => portOf(this.#standingFor(id)))
  }

  heard(id: number, data: string, ports: readonly number[]): void {
    const ends = ports.map(port => this.#standingFor(port))
    this.#ends.get(id)?.other?.take(codec.decode(data), ends)
  }

  closed(id: number): void {
    const end = this.#ends.get(id)
    this.#ends.delete(id)
    const other = end?.other
    if (end !== undefined) end.other = null
    other?.lose()
  }

  /** The other side has gone, and its ports with it. */
  closeAll(): void {
    for (const id of this.#ends.keys()) this.closed(id)
  }

  forget(id: number): void {
    this.#ends.delete(id)
  }

  #add(id: number): FarEnd {
    const end = new FarEnd(this, id)
    this.#ends.set(id, end)
    return end
  }

  /** An end that is about to be replaced by a port here, and whose other is the far one. */
  #standingFor(id: number): PortEnd {
    const farEnd = this.#add(id)
    const standing: PortEnd = { other: farEnd, take: () => {}, lose: () => {} }
    farEnd.other = standing
    return standing
  }
}
