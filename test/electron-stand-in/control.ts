/**
 * The hands and eyes of a test, over the channel between this process and its parent: it sees what a person would
 * see and does what a person or the system would do.
 */
import { BrowserWindow } from './browser-window.ts'
import { debuggingAddress } from './chromium.ts'
import type { Answer, Command, DesktopView, MenuRow, Question } from './control-protocol.ts'
import { desktop, type DialogAnswer, type OpenDialog } from './desktop.ts'
import { ask, forge } from './forge.ts'
import { faults, inner, preventable } from './guarded.ts'
import { loaded } from './loaded.ts'
import type { ShownItem } from './menu.ts'
import { nativeTheme, powerMonitor } from './system.ts'

const realNow = Date.now

/** Answers the parent. The channel alone keeps this process from nothing, and ends it when the parent is gone. */
export function answerControl(): void {
  if (process.send === undefined) return
  process.on('message', (question: Question) => {
    obey(question.command).then(
      value => tell({ id: question.id, value: value ?? null }),
      (error: unknown) => tell({ id: question.id, error: String(error) }),
    )
  })
  process.on('disconnect', () => process.exit(1))
  process.channel?.unref()
}

/** The app has ended by itself: what was seen last, then the process is over. */
export function endProcess(code: number): void {
  const end = (): never => process.exit(code)
  if (process.send === undefined || !process.connected) end()
  else process.send({ lastView: view() } satisfies Answer, end)
}

function tell(answer: Answer): void {
  process.send?.(answer)
}

async function obey(command: Command): Promise<unknown> {
  switch (command.verb) {
    case 'view':
      return view()
    case 'loaded':
      return loaded
    case 'click-menu':
      return clickMenu(command.labels)
    case 'click-tray':
      return void theTray().emit('click', { triggeredByAccelerator: false })
    case 'answer-dialog':
      return answerDialog(command.id, command.answer)
    case 'click-notification':
      return notification(command.id).click()
    case 'dismiss-notification':
      return notification(command.id).dismiss()
    case 'power':
      return void powerMonitor.emit(command.event, preventable('Event', {}))
    case 'dark':
      return nativeTheme[inner](command.isDark)
    case 'close-window':
      return theWindow(command.id).close()
    case 'move-window':
      return theWindow(command.id).setBounds(command.bounds)
    case 'crash-page':
      return theWindow(command.id).webContents[inner].crash()
    case 'set-clock': {
      const { now } = command
      Date.now = now === null ? realNow : () => now
      return
    }
    case 'request':
      return ask(command.request)
    case 'forge':
      return forge(command.message)
  }
}

function view(): DesktopView {
  const [tray] = desktop.trays
  return {
    faults,
    tray: tray === undefined ? null : { ...tray[inner], menu: tray[inner].menu.map(rowOf) },
    windows: BrowserWindow.getAllWindows().map(window => ({
      id: window.id,
      url: window.webContents.getURL(),
      targetId: window.webContents[inner].targetId,
      isVisible: window.isVisible(),
      isFocused: window.isFocused(),
      isMinimized: window.isMinimized(),
      isCrashed: window.webContents.isCrashed(),
      crashes: window.webContents[inner].crashes,
      bounds: window.getBounds(),
    })),
    dialogs: [...desktop.dialogs.values()].map(dialogOf),
    errorBoxes: desktop.errorBoxes,
    notifications: desktop.notifications.map(({ id, title, body, isOpen }) => ({ id, title, body, isOpen })),
    openedPaths: desktop.openedPaths,
    revealedPaths: desktop.revealedPaths,
    externalUrls: desktop.externalUrls,
    refusals: desktop.refusals,
    networkRequests: desktop.networkRequests,
    badge: desktop.badge,
    utilities: [...desktop.utilities],
    debuggingAddress: debuggingAddress(),
  }
}

function dialogOf(dialog: OpenDialog): DesktopView['dialogs'][number] {
  const { id, kind, window, title, message, detail, buttons } = dialog
  return { id, kind, window, title, message, detail, buttons }
}

function rowOf({ label, type, isEnabled, isChecked, items }: ShownItem): MenuRow {
  return { label, type, isEnabled, isChecked, items: items.map(rowOf) }
}

function theTray() {
  const [tray] = desktop.trays
  if (tray === undefined) throw new Error('there is no tray icon')
  return tray
}

/** By labels, as a person reads them: whole, or their beginning where an item tells a state behind it. */
function clickMenu(labels: readonly string[]): void {
  let items = theTray()[inner].menu
  let found: ShownItem | undefined
  for (const label of labels) {
    found = items.find(each => each.label === label) ?? items.find(each => each.label.startsWith(label))
    if (found === undefined)
      throw new Error(`the menu has no '${label}' but ${items.map(each => each.label).join(', ')}`)
    if (!found.isEnabled) throw new Error(`'${label}' is disabled`)
    items = found.items
  }
  found?.click()
}

function answerDialog(id: number, answer: DialogAnswer): void {
  const dialog = desktop.dialogs.get(id)
  if (dialog === undefined) throw new Error(`there is no dialog ${id}`)
  if ('button' in answer && !dialog.buttons.includes(answer.button))
    throw new Error(`there is no button '${answer.button}' but ${dialog.buttons.join(', ')}`)
  dialog.answer(answer)
}

function notification(id: number) {
  const found = desktop.notifications.find(each => each.id === id)
  if (found === undefined || !found.isOpen) throw new Error(`no notification ${id} is shown`)
  return found
}

function theWindow(id: number): BrowserWindow {
  const found = BrowserWindow.getAllWindows().find(window => window.id === id)
  if (found === undefined) throw new Error(`there is no window ${id}`)
  return found
}
