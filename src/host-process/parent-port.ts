/** Electron's `process.parentPort` and the ports that come through it, as far as they are used: no Electron is imported. */
import type { FromHost, ToHost } from './protocol.ts'

/** Electron's MessagePortMain. */
export interface ClientPort {
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): void
  on(event: 'close', listener: () => void): void
  postMessage(data: unknown): void
  start(): void
  close(): void
}

export interface ParentPort {
  on(
    event: 'message',
    listener: (message: { readonly data: ToHost; readonly ports: readonly ClientPort[] }) => void,
  ): void
  postMessage(message: FromHost): void
}

/** Throws where this is no utility process of Electron. */
export function parentPort(): ParentPort {
  const port: unknown = Reflect.get(process, 'parentPort')
  if (port === undefined)
    throw new Error('this program is a part of the desktop app, and started by it alone')
  return port as ParentPort
}
