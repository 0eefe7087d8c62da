/**
 * Shows the host's notices as the system's notifications; a click leads to the place.
 *
 * Linux does not tell when a notification could not be shown ('failed' is of macOS and Windows): there a service that
 * is dead is known by its silence.
 */
import { Notification } from 'electron'
import type { Log } from '../engine/ports/log.ts'
import type { Notice } from '../contract/state.ts'
import { type NoticeText, noticeText } from './notice-text.ts'
import type { Place } from './place.ts'

/** How long the system may take to show one, in milliseconds. */
const PATIENCE_MS = 3_000

export class Notifications {
  /** Kept, or the garbage collector takes the click with it. */
  readonly #shown = new Map<string, Notification>()
  readonly #open: (place: Place) => void
  readonly #log: Log

  constructor(open: (place: Place) => void, log: Log) {
    this.#open = open
    this.#log = log
  }

  static get areSupported(): boolean {
    return Notification.isSupported()
  }

  notice(notice: Notice): void {
    const { title, body, place, key } = noticeText(notice)
    void this.show({ title, body, key }, () => this.#open(place))
  }

  /** Whether the system has shown it. */
  show({ title, body, key }: Omit<NoticeText, 'place'>, onClick: () => void): Promise<boolean> {
    if (!Notification.isSupported()) return Promise.resolve(false)
    this.#shown.get(key)?.close()
    const notification = new Notification({ title, body })
    this.#shown.set(key, notification)
    const forget = (): void => {
      if (this.#shown.get(key) === notification) this.#shown.delete(key)
    }
    notification.on('click', () => {
      forget()
      onClick()
    })
    notification.on('close', forget)
    notification.on('failed', (_event, error) => {
      forget()
      this.#log.info('a notification could not be shown', { reason: error })
    })
    const shown = isShown(notification)
    notification.show()
    return shown
  }
}

function isShown(notification: Notification): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(false), PATIENCE_MS)
    const settle = (isShown: boolean) => (): void => {
      clearTimeout(timer)
      resolve(isShown)
    }
    notification.once('show', settle(true))
    notification.once('failed', settle(false))
  })
}
