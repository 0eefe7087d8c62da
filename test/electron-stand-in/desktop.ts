/**
 * What lies around the app: the dialogs that are open, the notifications that are shown, and what it has asked the
 * system to do. The app writes here through Electron's modules, the test reads and answers through control.ts.
 */
import type { Tray } from './tray.ts'

export type DialogAnswer =
  | { readonly paths: readonly string[] }
  | { readonly button: string }
  | { readonly cancelled: true }

export interface OpenDialog {
  readonly id: number
  readonly kind: 'folder' | 'message'
  /** The window that it belongs to; null where it stands alone. */
  readonly window: number | null
  readonly title: string
  readonly message: string
  readonly detail: string
  readonly buttons: readonly string[]
  readonly answer: (answer: DialogAnswer) => void
}

export interface ShownNotification {
  readonly id: number
  readonly title: string
  readonly body: string
  isOpen: boolean
  readonly click: () => void
  readonly dismiss: () => void
}

export interface Refusal {
  readonly what: 'navigation' | 'window' | 'download' | 'request'
  readonly url: string
}

export const desktop = {
  trays: new Set<Tray>(),
  dialogs: new Map<number, OpenDialog>(),
  notifications: [] as ShownNotification[],
  /** Boxes that only say something. */
  errorBoxes: [] as { readonly title: string; readonly content: string }[],
  /** Given to the system's programs. */
  openedPaths: [] as string[],
  revealedPaths: [] as string[],
  externalUrls: [] as string[],
  badge: 0,
  /** Processes that the app has beside its main one. */
  utilities: new Set<{ readonly serviceName: string; readonly pid: number }>(),
  /** Whether the system, not the app, is set to dark colours. */
  isDark: false,
  /** What a page wanted and the app has refused. */
  refusals: [] as Refusal[],
  /** Addresses outside of the app that a page asked for and nobody refused. */
  networkRequests: [] as string[],
}

let lastId = 0

export function nextId(): number {
  lastId += 1
  return lastId
}
