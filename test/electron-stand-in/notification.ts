/** What the system shows for a moment. */
import type { NotificationConstructorOptions } from 'electron'
import { desktop, nextId, type ShownNotification } from './desktop.ts'
import { GuardedEmitter, onlyKnown, preventable } from './guarded.ts'
import { mustBeReady } from './ready.ts'

const OPTIONS = [
  'title',
  'body',
  'silent',
  'icon',
] as const satisfies readonly (keyof NotificationConstructorOptions)[]

export class Notification extends GuardedEmitter {
  title: string
  body: string
  silent: boolean
  #shown: ShownNotification | null = null

  constructor(options?: NotificationConstructorOptions) {
    mustBeReady('Cannot create Notification before app is ready')
    super('Notification', ['show', 'click', 'close', 'failed'])
    const given = options ?? {}
    onlyKnown('a Notification', given, OPTIONS)
    this.title = given.title ?? ''
    this.body = given.body ?? ''
    this.silent = given.silent ?? false
  }

  show(): void {
    this.close()
    const shown: ShownNotification = {
      id: nextId(),
      title: this.title,
      body: this.body,
      isOpen: true,
      click: () => {
        shown.isOpen = false
        this.emit('click', preventable('Event', {}))
      },
      dismiss: () => {
        shown.isOpen = false
        this.emit('close', preventable('Event', {}))
      },
    }
    this.#shown = shown
    desktop.notifications.push(shown)
    setImmediate(() => this.emit('show', preventable('Event', {})))
  }

  close(): void {
    if (this.#shown?.isOpen === true) this.#shown.dismiss()
    this.#shown = null
  }

  static isSupported(): boolean {
    return true
  }
}
