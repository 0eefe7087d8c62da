/** What the test and the stand-in say to each other over the channel between their processes. */
import type { DialogAnswer, Refusal } from './desktop.ts'

export interface MenuRow {
  readonly label: string
  readonly type: string
  readonly isEnabled: boolean
  readonly isChecked: boolean
  readonly items: readonly MenuRow[]
}

/** All that can be seen. */
export interface DesktopView {
  readonly faults: readonly string[]
  readonly tray: {
    readonly image: string
    readonly toolTip: string
    readonly menu: readonly MenuRow[]
    readonly menusSet: number
  } | null
  readonly windows: readonly {
    readonly id: number
    readonly url: string
    readonly targetId: string
    readonly isVisible: boolean
    readonly isFocused: boolean
    readonly isMinimized: boolean
    readonly isCrashed: boolean
    /** How often its page has crashed so far. */
    readonly crashes: number
    readonly bounds: Electron.Rectangle
  }[]
  readonly dialogs: readonly {
    readonly id: number
    readonly kind: 'folder' | 'message'
    readonly window: number | null
    readonly title: string
    readonly message: string
    readonly detail: string
    readonly buttons: readonly string[]
  }[]
  readonly errorBoxes: readonly { readonly title: string; readonly content: string }[]
  readonly notifications: readonly {
    readonly id: number
    readonly title: string
    readonly body: string
    readonly isOpen: boolean
  }[]
  readonly openedPaths: readonly string[]
  readonly revealedPaths: readonly string[]
  readonly externalUrls: readonly string[]
  readonly refusals: readonly Refusal[]
  readonly networkRequests: readonly string[]
  readonly badge: number
  readonly utilities: readonly { readonly serviceName: string; readonly pid: number }[]
  readonly debuggingAddress: string | null
}

/** Who is said to have sent a message of a channel. */
export interface ForgedSender {
  readonly channel: string
  /** An embedded frame of our window, a frame that is gone, or another page than our window's. */
  readonly from: 'own-page' | 'embedded-frame' | 'frame-that-is-gone' | 'other-page' | 'other-origin'
  readonly ports: number
}

/** A module that was loaded by the app or its packages. */
export interface LoadedModule {
  /** Undefined in the main process. */
  readonly utility?: string
  readonly url: string
  readonly bytes: number
}

export interface AppRequest {
  readonly url: string
  readonly method: string
}

export interface AppAnswer {
  /** Null where there is none. */
  readonly status: number | null
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export type Command =
  | { readonly verb: 'view' }
  | { readonly verb: 'loaded' }
  | { readonly verb: 'click-menu'; readonly labels: readonly string[] }
  | { readonly verb: 'click-tray' }
  | { readonly verb: 'answer-dialog'; readonly id: number; readonly answer: DialogAnswer }
  | { readonly verb: 'click-notification'; readonly id: number }
  | { readonly verb: 'dismiss-notification'; readonly id: number }
  | { readonly verb: 'power'; readonly event: 'suspend' | 'resume' | 'shutdown' }
  | { readonly verb: 'dark'; readonly isDark: boolean }
  | { readonly verb: 'close-window'; readonly id: number }
  | { readonly verb: 'move-window'; readonly id: number; readonly bounds: Partial<Electron.Rectangle> }
  | { readonly verb: 'crash-page'; readonly id: number }
  /** What time it is for the app, in milliseconds since the epoch, until null gives it its own back. */
  | { readonly verb: 'set-clock'; readonly now: number | null }
  | { readonly verb: 'forge'; readonly message: ForgedSender }
  | { readonly verb: 'request'; readonly request: AppRequest }

export interface Question {
  readonly id: number
  readonly command: Command
}

export type Answer =
  /** The last that was seen, when the app ends. */
  | { readonly lastView: DesktopView }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }
