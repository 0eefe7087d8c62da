/** Menus as data, with the checks that Electron makes of a template. */
import type { MenuItemConstructorOptions } from 'electron'
import { fault, guard, onlyKnown } from './guarded.ts'

const TYPES = ['normal', 'separator', 'submenu', 'checkbox', 'radio'] as const
type ItemType = (typeof TYPES)[number]

const KNOWN_OPTIONS = [
  'id',
  'label',
  'sublabel',
  'toolTip',
  'type',
  'enabled',
  'visible',
  'checked',
  'submenu',
  'click',
  'role',
  'accelerator',
] as const satisfies readonly (keyof MenuItemConstructorOptions)[]

/** Roles have labels of their own; a few that an app's menu may use. */
const ROLES: Readonly<Record<string, string>> = {
  about: 'About',
  appmenu: 'App',
  close: 'Close Window',
  copy: 'Copy',
  cut: 'Cut',
  editmenu: 'Edit',
  filemenu: 'File',
  forcereload: 'Force Reload',
  front: 'Bring All to Front',
  help: 'Help',
  hide: 'Hide',
  hideothers: 'Hide Others',
  minimize: 'Minimize',
  paste: 'Paste',
  quit: 'Quit',
  redo: 'Redo',
  reload: 'Reload',
  resetzoom: 'Actual Size',
  selectall: 'Select All',
  services: 'Services',
  toggledevtools: 'Toggle Developer Tools',
  togglefullscreen: 'Toggle Full Screen',
  undo: 'Undo',
  unhide: 'Show All',
  viewmenu: 'View',
  windowmenu: 'Window',
  zoom: 'Zoom',
  zoomin: 'Zoom In',
  zoomout: 'Zoom Out',
}

export class MenuItem {
  id: string
  label: string
  sublabel: string
  toolTip: string
  type: ItemType
  enabled: boolean
  visible: boolean
  checked: boolean
  submenu?: Menu
  click: () => void
  role?: Exclude<MenuItemConstructorOptions['role'], undefined>

  constructor(options: MenuItemConstructorOptions) {
    onlyKnown('a MenuItem', options, KNOWN_OPTIONS)
    const { role, submenu } = options
    const roleLabel = role === undefined ? undefined : ROLES[role.toLowerCase()]
    if (role !== undefined && roleLabel === undefined)
      throw fault(`the stand-in does not know the role ${role}`)
    const type = options.type ?? (submenu === undefined ? 'normal' : 'submenu')
    if (!isItemType(type)) throw new Error(`Unknown menu item type: ${type}`)
    if (type === 'submenu' && submenu === undefined && role === undefined) throw new Error('Invalid submenu')
    if (type !== 'submenu' && submenu !== undefined)
      throw fault(`the menu item ${options.label ?? ''} is of type ${type} and has a submenu`)
    this.id = options.id ?? ''
    this.label = options.label ?? roleLabel ?? ''
    this.sublabel = options.sublabel ?? ''
    this.toolTip = options.toolTip ?? ''
    this.type = type
    this.enabled = options.enabled ?? true
    this.visible = options.visible ?? true
    this.checked = options.checked ?? false
    if (submenu !== undefined) this.submenu = submenuOf(submenu)
    if (role !== undefined) this.role = role
    const { click } = options
    this.click = () => {
      if (type === 'checkbox') this.checked = !this.checked
      if (type === 'radio') this.checked = true
      // The stand-in's menus open in no window, and nobody holds a key down.
      const event: Electron.KeyboardEvent = { triggeredByAccelerator: false }
      Reflect.apply(click ?? nothing, undefined, [this, undefined, event])
    }
    return guard('MenuItem', this)
  }
}

function submenuOf(given: unknown): Menu {
  return given instanceof Menu ? given : build(given as MenuItemConstructorOptions[])
}

function nothing(): void {
  // An item without an action.
}

function isItemType(type: string): type is ItemType {
  return TYPES.some(known => known === type)
}

let applicationMenu: Menu | null = null

export class Menu {
  items: MenuItem[] = []

  constructor() {
    return guard('Menu', this)
  }

  append(menuItem: MenuItem): void {
    this.items.push(menuItem)
  }

  getMenuItemById(id: string): MenuItem | null {
    return this.items.find(item => item.id === id) ?? null
  }

  static buildFromTemplate(template: Array<MenuItemConstructorOptions | MenuItem>): Menu {
    return build(template)
  }

  static setApplicationMenu(menu: Menu | null): void {
    applicationMenu = menu
  }

  static getApplicationMenu(): Menu | null {
    return applicationMenu
  }
}

function build(template: Array<MenuItemConstructorOptions | MenuItem>): Menu {
  if (!Array.isArray(template))
    throw new TypeError('Invalid template for Menu: Menu template must be an array')
  const isValid = template.every(item => 'label' in item || 'role' in item || item.type === 'separator')
  if (!isValid)
    throw new TypeError('Invalid template for MenuItem: must have at least one of label, role or type')
  const menu = new Menu()
  for (const item of template) menu.append(item instanceof MenuItem ? item : new MenuItem(item))
  return menu
}

/** One row as a person sees it. */
export interface ShownItem {
  readonly label: string
  readonly type: ItemType
  readonly isEnabled: boolean
  readonly isChecked: boolean
  readonly items: readonly ShownItem[]
  readonly click: () => void
}

/** A copy, its labels without the marks of keys (`&Open`, `&&` for one to be seen): on Linux what is changed in a menu after it was set does not show until it is set anew. */
export function shown(menu: Menu): ShownItem[] {
  return menu.items
    .filter(item => item.visible)
    .map(item => ({
      label: item.label.replace(/&(.)/g, '$1'),
      type: item.type,
      isEnabled: item.enabled,
      isChecked: item.checked,
      items: 'submenu' in item && item.submenu !== undefined ? shown(item.submenu) : [],
      click: () => item.click(),
    }))
}
