/** The icon beside the clock. */
import { desktop } from './desktop.ts'
import { fault, GuardedEmitter, inner } from './guarded.ts'
import { Menu, shown, type ShownItem } from './menu.ts'
import { nativeImage, NativeImage } from './native-image.ts'
import { mustBeReady } from './ready.ts'

export interface ShownTray {
  /** The picture's file. */
  readonly image: string
  readonly toolTip: string
  readonly menu: readonly ShownItem[]
  /** How often a menu has been set. */
  readonly menusSet: number
}

export class Tray extends GuardedEmitter {
  #image: NativeImage
  #toolTip = ''
  #menu: readonly ShownItem[] = []
  #menusSet = 0
  #isDestroyed = false

  constructor(image: NativeImage | string, guid?: string) {
    mustBeReady('Cannot create Tray before app is ready')
    super('Tray', ['click', 'right-click', 'double-click', 'balloon-click'])
    if (guid !== undefined) throw fault('a tray with a GUID needs a signed app on Windows')
    this.#image = imageOf(image)
    desktop.trays.add(this)
    if (desktop.trays.size > 1) throw fault('there are two tray icons')
  }

  setImage(image: NativeImage | string): void {
    this.#mustLive()
    this.#image = imageOf(image)
  }

  setToolTip(toolTip: string): void {
    this.#mustLive()
    if (typeof toolTip !== 'string') throw new TypeError('toolTip must be a string')
    this.#toolTip = toolTip
  }

  setContextMenu(menu: Menu | null): void {
    this.#mustLive()
    if (menu !== null && !(menu instanceof Menu)) throw new TypeError('menu must be a Menu')
    this.#menu = menu === null ? [] : shown(menu)
    this.#menusSet += 1
  }

  destroy(): void {
    this.#isDestroyed = true
    desktop.trays.delete(this)
  }

  isDestroyed(): boolean {
    return this.#isDestroyed
  }

  get [inner](): ShownTray {
    const { file } = this.#image[inner]
    return { image: file, toolTip: this.#toolTip, menu: this.#menu, menusSet: this.#menusSet }
  }

  #mustLive(): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed')
  }
}

/** Electron shows an empty image as nothing at all, which nobody wants. */
function imageOf(image: NativeImage | string): NativeImage {
  if (typeof image === 'string') {
    const read = nativeImage.createFromPath(image)
    if (read.isEmpty()) throw new Error(`Failed to load image from path '${image}'`)
    return read
  }
  if (!(image instanceof NativeImage)) throw new TypeError('Argument must be a file path or a NativeImage')
  if (image.isEmpty()) throw fault('the tray gets an empty image, so nobody sees it')
  return image
}
