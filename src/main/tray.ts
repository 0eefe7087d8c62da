/**
 * The icon in the tray: its shape, its words and its menu follow the state. Nothing can be reached through it
 * alone, since some desktops do not show it.
 *
 * On Linux the panel keeps a copy of the menu, so it is set anew after each change.
 */
import { join } from 'node:path'
import { Menu, type MenuItemConstructorOptions, nativeImage, type NativeImage, Tray } from 'electron'
import { hostLook, type HostView } from './host-view.ts'
import { FRAME_MS, SYNCING_FRAMES, trayIconFile } from './tray-icon.ts'
import type { TrayLook } from './tray-look.ts'
import { type TrayAction, trayMenu, type TrayMenuOptions, type TrayRow } from './tray-menu.ts'
import { NAME } from './identity.ts'

export interface AppTrayOptions extends TrayMenuOptions {
  /** Where resources/icons lies. */
  readonly icons: string
  readonly desktop: string
  readonly onAction: (action: TrayAction) => void
  readonly reducesMotion: () => boolean
}

/** Windows cuts off more, in UTF-16 units. */
const LONGEST_TOOLTIP = 127

export class AppTray {
  readonly #options: AppTrayOptions
  readonly #images = new Map<string, NativeImage>()
  readonly #tray: Tray
  #shown = ''
  #toolTip = ''
  #menu = ''
  #shape: TrayLook['shape'] = 'in-step'
  #frame = 0
  #moving: NodeJS.Timeout | null = null

  constructor(options: AppTrayOptions, view: HostView) {
    this.#options = options
    this.#tray = new Tray(this.#image(hostLook(view)))
    // On Linux a panel may send this for a double click; elsewhere a click opens the menu by itself or not at all.
    if (process.platform !== 'darwin') this.#tray.on('click', () => this.#onClick())
    this.update(view)
  }

  update(view: HostView): void {
    const look = hostLook(view)
    this.#shape = look.shape
    this.#animate(look.shape === 'syncing' && !this.#options.reducesMotion())
    this.#showImage(look)
    this.#showToolTip(look)
    this.#showMenu(view)
  }

  end(): void {
    this.#animate(false)
    this.#tray.destroy()
  }

  #onClick(): void {
    this.#options.onAction({ type: 'show', place: { view: 'overview' } })
  }

  #showImage(look: Pick<TrayLook, 'shape'>): void {
    const file = this.#file(look)
    if (file === this.#shown) return
    this.#shown = file
    this.#tray.setImage(this.#image(look))
  }

  #showToolTip({ detail }: TrayLook): void {
    const text = `${NAME}: ${detail}`.slice(0, LONGEST_TOOLTIP)
    if (text === this.#toolTip) return
    this.#toolTip = text
    this.#tray.setToolTip(text)
  }

  #showMenu(view: HostView): void {
    const rows = trayMenu(view, this.#options)
    const text = JSON.stringify(rows)
    if (text === this.#menu) return
    this.#menu = text
    this.#tray.setContextMenu(Menu.buildFromTemplate(rows.map(row => this.#item(row))))
  }

  #item(row: TrayRow): MenuItemConstructorOptions {
    switch (row.kind) {
      case 'separator':
        return { type: 'separator' }
      case 'text':
        return { label: literal(row.label), enabled: false }
      case 'menu':
        return { label: literal(row.label), submenu: row.rows.map(each => this.#item(each)) }
      case 'action':
        return {
          label: literal(row.label),
          enabled: row.isEnabled,
          click: () => this.#options.onAction(row.action),
        }
    }
  }

  #animate(shouldMove: boolean): void {
    if (shouldMove === (this.#moving !== null)) return
    if (this.#moving !== null) clearInterval(this.#moving)
    this.#moving = shouldMove ? setInterval(() => this.#step(), FRAME_MS) : null
    this.#frame = 0
  }

  #step(): void {
    this.#frame = (this.#frame + 1) % SYNCING_FRAMES
    this.#showImage({ shape: this.#shape })
  }

  #file({ shape }: Pick<TrayLook, 'shape'>): string {
    return trayIconFile(process.platform, this.#options.desktop, shape, this.#frame)
  }

  #image(look: Pick<TrayLook, 'shape'>): NativeImage {
    const file = this.#file(look)
    const known = this.#images.get(file)
    if (known !== undefined) return known
    const image = nativeImage.createFromPath(join(this.#options.icons, file))
    if (process.platform === 'darwin') image.setTemplateImage(true)
    this.#images.set(file, image)
    return image
  }
}

/** An ampersand would mark the next letter as its key. */
function literal(label: string): string {
  return label.replaceAll('&', '&&')
}
