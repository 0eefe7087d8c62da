/** The top frame of a page. The stand-in's pages embed no others; a test can pretend that one has spoken. */
import { originOf } from './address.ts'
import { GuardedObject } from './guarded.ts'

export class WebFrameMain extends GuardedObject {
  readonly parent: null = null
  readonly frameToken: string
  readonly routingId: number
  readonly processId: number
  readonly #url: () => string

  constructor(id: number, url: () => string) {
    super('WebFrameMain')
    this.routingId = id
    this.processId = id
    this.frameToken = `frame-${id}`
    this.#url = url
  }

  get top(): WebFrameMain | null {
    return this
  }

  get url(): string {
    return this.#url()
  }

  get origin(): string {
    return originOf(this.#url())
  }
}
