/** Ports whose one end lies in a page: each has a number, even where it came from here and odd where from there. */
import type { ToPage } from './in-page.ts'
import { makeCodec } from './clone.ts'
import { type MessagePortMain, type PortEnd, portOf, replace } from './message-port.ts'

const codec = makeCodec()

/** The half of a page's port that lies here: what it hears, the page gets. */
class PageEnd implements PortEnd {
  other: PortEnd | null = null
  readonly #ports: PagePorts
  readonly #id: number

  constructor(ports: PagePorts, id: number) {
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

export class PagePorts {
  readonly post: (message: ToPage) => void
  readonly #ends = new Map<number, PageEnd>()
  #lastId = 0

  constructor(post: (message: ToPage) => void) {
    this.post = post
  }

  /** Ends that go to the page; the numbers under which they arrive there. */
  send(ends: readonly PortEnd[]): number[] {
    return ends.map(end => {
      this.#lastId += 2
      const id = this.#lastId
      // First known, then entangled: what had been heard goes along at once, and is kept there until it is known.
      const pageEnd = this.#add(id)
      setImmediate(() => replace(end, pageEnd))
      return id
    })
  }

  /** Ports that have come from the page. */
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

  /** The page has gone, and its ports with it. */
  closeAll(): void {
    for (const id of this.#ends.keys()) this.closed(id)
  }

  forget(id: number): void {
    this.#ends.delete(id)
  }

  #add(id: number): PageEnd {
    const end = new PageEnd(this, id)
    this.#ends.set(id, end)
    return end
  }

  /** An end that is about to be replaced by a port here, and whose other is the page's. */
  #standingFor(id: number): PortEnd {
    const pageEnd = this.#add(id)
    const standing: PortEnd = { other: pageEnd, take: () => {}, lose: () => {} }
    pageEnd.other = standing
    return standing
  }
}
