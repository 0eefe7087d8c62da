/** The system's dialogs: each stays open until the test answers it. */
import type {
  MessageBoxOptions,
  MessageBoxReturnValue,
  OpenDialogOptions,
  OpenDialogReturnValue,
} from 'electron'
import { BaseWindow } from './browser-window.ts'
import { desktop, type DialogAnswer, nextId, type OpenDialog } from './desktop.ts'
import { guard, onlyKnown } from './guarded.ts'
import { isReady, mustBeReady } from './ready.ts'

const BEFORE_READY = 'dialog module can only be used after app is ready'

const OPEN_OPTIONS = [
  'title',
  'defaultPath',
  'buttonLabel',
  'properties',
  'message',
] as const satisfies readonly (keyof OpenDialogOptions)[]

const PROPERTIES = [
  'openDirectory',
  'createDirectory',
  'dontAddToRecent',
  'showHiddenFiles',
  'promptToCreate',
] as const satisfies readonly Exclude<OpenDialogOptions['properties'], undefined>[number][]

const BOX_OPTIONS = [
  'type',
  'title',
  'message',
  'detail',
  'buttons',
  'defaultId',
  'cancelId',
  'noLink',
  'normalizeAccessKeys',
] as const satisfies readonly (keyof MessageBoxOptions)[]

function showOpenDialog(window: BaseWindow, options: OpenDialogOptions): Promise<OpenDialogReturnValue>
function showOpenDialog(options: OpenDialogOptions): Promise<OpenDialogReturnValue>
function showOpenDialog(...given: readonly unknown[]): Promise<OpenDialogReturnValue> {
  mustBeReady(BEFORE_READY)
  const window = windowOf(given)
  const options = optionsOf(given) as OpenDialogOptions
  onlyKnown('showOpenDialog', options, OPEN_OPTIONS)
  const { properties = [] } = options
  const unknown = properties.filter(each => !PROPERTIES.some(known => known === each))
  onlyKnown('showOpenDialog.properties', Object.fromEntries(unknown.map(each => [each, true])), [])
  if (!properties.includes('openDirectory')) throw new Error('the stand-in only chooses folders')
  return open({ kind: 'folder', window, ...texts(options), buttons: [] }, answer =>
    'paths' in answer ? { canceled: false, filePaths: [...answer.paths] } : { canceled: true, filePaths: [] },
  )
}

function showMessageBox(window: BaseWindow, options: MessageBoxOptions): Promise<MessageBoxReturnValue>
function showMessageBox(options: MessageBoxOptions): Promise<MessageBoxReturnValue>
function showMessageBox(...given: readonly unknown[]): Promise<MessageBoxReturnValue> {
  mustBeReady(BEFORE_READY)
  const window = windowOf(given)
  const options = optionsOf(given) as MessageBoxOptions
  onlyKnown('showMessageBox', options, BOX_OPTIONS)
  const { message, buttons = [], cancelId } = options
  if (typeof message !== 'string') throw new TypeError('message must be a string')
  const cancel =
    cancelId ??
    Math.max(
      0,
      buttons.findIndex(label => /^(?:cancel|no)$/i.test(label)),
    )
  return open({ kind: 'message', window, ...texts(options), buttons }, answer => {
    const response = 'button' in answer ? buttons.indexOf(answer.button) : cancel
    return { response, checkboxChecked: false }
  })
}

export const dialog = guard('dialog', {
  showOpenDialog,
  showMessageBox,
  /** The one that may be shown before the app is ready. */
  showErrorBox(title: string, content: string): void {
    if (typeof title !== 'string' || typeof content !== 'string')
      throw new TypeError('title and content are strings')
    desktop.errorBoxes.push({ title, content })
    if (!isReady()) process.stderr.write(`${title}\n${content}\n`)
  },
})

/** The window comes first, or is left out. */
function windowOf([first]: readonly unknown[]): BaseWindow | null {
  return first instanceof BaseWindow ? first : null
}

function optionsOf([first, second]: readonly unknown[]): unknown {
  const isWindow = first === undefined || first === null || first instanceof BaseWindow
  return isWindow ? second : first
}

function texts({
  title = '',
  message = '',
  detail = '',
}: {
  title?: string
  message?: string
  detail?: string
}) {
  return { title, message, detail }
}

type Shown = Omit<OpenDialog, 'id' | 'window' | 'answer'> & { readonly window: BaseWindow | null }

function open<Result>(shown: Shown, resultOf: (answer: DialogAnswer) => Result): Promise<Result> {
  const id = nextId()
  return new Promise(resolve => {
    desktop.dialogs.set(id, {
      ...shown,
      id,
      window: shown.window?.id ?? null,
      answer(answer) {
        desktop.dialogs.delete(id)
        resolve(resultOf(answer))
      },
    })
  })
}
