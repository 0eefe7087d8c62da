/**
 * What the desktop app's main process and the process of its host say to each other, beside the contract: each client
 * (a page, the tray) has a port of its own for that, and this tells of ports, of the machine, and of the end.
 */
import type { Shell } from '../contract/shell.ts'

/** By the main process. A `connect` brings a port, over which a client speaks the contract. */
export type ToHost =
  /** What the shell can do: first of all, and whenever it changes. */
  | { readonly type: 'shell'; readonly info: Shell }
  | { readonly type: 'connect' }
  | { readonly type: 'answer'; readonly id: number; readonly answer: ShellAnswer }
  /** Whether it is alive: to be answered from the event loop. */
  | { readonly type: 'ping' }
  /** The machine goes to sleep, and is awake again. */
  | { readonly type: 'suspend' }
  | { readonly type: 'resume' }
  /** Flush what is under way, then end. */
  | { readonly type: 'close' }

/** By the host. */
export type FromHost =
  | { readonly type: 'pong' }
  | { readonly type: 'ask'; readonly id: number; readonly question: ShellQuestion }
  /** It cannot start; its process ends. */
  | { readonly type: 'failed'; readonly message: string }

/** What the host may ask of the shell (host/app/shell-port.ts). */
export type ShellQuestion =
  | { readonly call: 'pickFolder' }
  | { readonly call: 'open' | 'reveal'; readonly path: string }
  | { readonly call: 'openExternal'; readonly url: string }
  | { readonly call: 'setStartAtLogin'; readonly isOn: boolean }

/** `picked` is the folder of `pickFolder`; a `failure` is a sentence for a person. */
export type ShellAnswer = { readonly picked: string | null } | { readonly failure: string }
