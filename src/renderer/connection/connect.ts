/** Which way leads to the host: the desktop app's preload script leaves a sign. */
import type { Connect } from './connection.ts'
import { connectByPort } from './message-port.ts'
import { connectBySocket } from './websocket.ts'

declare global {
  interface Window {
    readonly lockstep?: { readonly shell: 'electron' }
  }
}

export const connect: Connect = signal =>
  window.lockstep?.shell === 'electron' ? connectByPort(signal) : connectBySocket(signal)
