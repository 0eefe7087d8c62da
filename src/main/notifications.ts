/** Shows the host's notices as the system's notifications; a click leads to the place. */
import { Notification } from 'electron'
import type { Log } from '../engine/ports/log.ts'
import type { Notice } from '../contract/state.ts'
import { type NoticeText, noticeText } from './notice-text.ts'
import type { Place } from './place.ts'

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
    this.show({ title, body, key }, () => this.#open(place))
  }

  /** False where the system has none. */
  show({ title, body, key }: Omit<NoticeText, 'place'>, onClick: () => void): boolean {
    if (!Notification.isSupported()) return false
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
    notification.show()
    return true
  }
}
