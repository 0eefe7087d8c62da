/** How many decisions wait, where the desktop shows it with the app: a number, or on Windows a picture. */
import { join } from 'node:path'
import { app, nativeImage } from 'electron'
import { badgeFile } from './tray-icon.ts'
import type { MainWindow } from './window.ts'

export class Badge {
  readonly #icons: string
  readonly #window: MainWindow
  #count = 0

  constructor(icons: string, window: MainWindow) {
    this.#icons = icons
    this.#window = window
  }

  show(count: number): void {
    if (count === this.#count) return
    this.#count = count
    if (process.platform === 'win32') this.#showOverlay()
    else app.setBadgeCount(count)
  }

  #showOverlay(): void {
    const file = badgeFile(this.#count)
    const image = file === null ? null : nativeImage.createFromPath(join(this.#icons, file))
    this.#window.setOverlay(image, file === null ? '' : `${this.#count} waiting for you`)
  }
}
