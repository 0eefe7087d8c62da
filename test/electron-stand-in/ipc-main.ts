/** What pages say to the main process. Channels are the app's own, so any name may be listened for. */
import { guard, Guarded, inner } from './guarded.ts'
import type { MessagePortMain } from './message-port.ts'
import type { WebContents } from './web-contents.ts'
import type { WebFrameMain } from './web-frame.ts'

export interface IpcMainEvent {
  readonly sender: WebContents
  /** Null where it has gone meanwhile. */
  readonly senderFrame: WebFrameMain | null
  readonly ports: readonly MessagePortMain[]
  readonly frameId: number
  readonly processId: number
}

export type IpcMainInvokeEvent = IpcMainEvent

type Handler = (event: IpcMainInvokeEvent, ...args: unknown[]) => unknown

class IpcMain extends Guarded {
  readonly #handlers = new Map<string, Handler>()

  constructor() {
    super('ipcMain')
  }

  handle(channel: string, listener: Handler): void {
    if (this.#handlers.has(channel))
      throw new Error(`Attempted to register a second handler for '${channel}'`)
    if (typeof listener !== 'function')
      throw new TypeError(`Expected handler to be a function, but found type '${typeof listener}'`)
    this.#handlers.set(channel, listener)
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel)
  }

  async [inner](event: IpcMainInvokeEvent, channel: string, args: readonly unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel)
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
    return handler(event, ...args)
  }
}

export const ipcMain = new IpcMain()

export function ipcEvent(fields: IpcMainEvent): IpcMainEvent {
  return guard('IpcMainEvent', fields)
}
