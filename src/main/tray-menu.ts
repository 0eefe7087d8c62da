/** The tray's menu (pure): from the state to rows and what each row does. tray.ts makes Electron's menu of it. */
import { shownName } from '../contract/shown.ts'
import type { AppState, FolderState } from '../contract/state.ts'
import { hostLook, type HostView } from './host-view.ts'
import { OVERVIEW, type Place } from './place.ts'
import { folderShape, folderWords, needsOf, pausedWords, plural } from './tray-look.ts'

export type TrayAction =
  | { readonly type: 'show'; readonly place: Place }
  | { readonly type: 'open-folder' | 'sync-now' | 'pause' | 'resume'; readonly id: string }
  /** For that many milliseconds; null until resumed. */
  | { readonly type: 'pause-all'; readonly ms: number | null }
  | {
      readonly type:
        | 'resume-all'
        | 'restart-sync'
        | 'open-logs'
        | 'check-for-updates'
        | 'explain-sandbox'
        | 'quit'
    }

export type TrayRow =
  | { readonly kind: 'separator' }
  | { readonly kind: 'text'; readonly label: string }
  | {
      readonly kind: 'action'
      readonly label: string
      readonly action: TrayAction
      readonly isEnabled: boolean
    }
  | { readonly kind: 'menu'; readonly label: string; readonly rows: readonly TrayRow[] }

export interface TrayMenuOptions {
  readonly canCheckForUpdates: boolean
  /** Chromium's sandbox around the window is switched off. */
  readonly lacksSandbox: boolean
}

const HOUR_MS = 60 * 60_000
/** More than these and the menu would leave a small screen: the others are one level deeper. */
const FOLDERS_SHOWN = 10

const SEPARATOR: TrayRow = { kind: 'separator' }

export function trayMenu(view: HostView, { canCheckForUpdates, lacksSandbox }: TrayMenuOptions): TrayRow[] {
  return [
    { kind: 'text', label: hostLook(view).line },
    ...(view.condition === 'running' ? stateRows(view.state) : hostRows(view)),
    action('Open Lockstep', { type: 'show', place: OVERVIEW }),
    action('Settings…', { type: 'show', place: { view: 'settings' } }),
    action('Show logs', { type: 'open-logs' }),
    ...(canCheckForUpdates ? [action('Check for updates…', { type: 'check-for-updates' })] : []),
    ...(lacksSandbox ? [action('The window has no sandbox…', { type: 'explain-sandbox' })] : []),
    SEPARATOR,
    action('Quit Lockstep', { type: 'quit' }),
  ]
}

function stateRows(state: AppState): TrayRow[] {
  return [...conflictRows(state.folders), SEPARATOR, ...folderRows(state), ...pauseRows(state)]
}

/** Without a host there are no folders to show. */
function hostRows({ condition }: HostView): TrayRow[] {
  if (condition === 'starting') return [SEPARATOR]
  return [action('Restart sync', { type: 'restart-sync' }), SEPARATOR]
}

/** Leads to the first folder that has any, since there a person begins. */
function conflictRows(folders: readonly FolderState[]): TrayRow[] {
  const count = folders.reduce((sum, { conflicts }) => sum + conflicts, 0)
  const first = folders.find(({ conflicts }) => conflicts > 0)
  if (first === undefined) return []
  const place: Place = { view: 'folder', id: first.id, tab: 'conflicts' }
  return [action(`Resolve ${plural(count, 'conflict')}…`, { type: 'show', place })]
}

function folderRows({ folders, pausedAll }: AppState): TrayRow[] {
  if (folders.length === 0) return []
  const rows = folders.map(folder => folderMenu(folder, pausedAll !== null))
  const more = rows.slice(FOLDERS_SHOWN)
  const rest: TrayRow[] =
    more.length === 0 ? [] : [{ kind: 'menu', label: `${more.length} more folders`, rows: more }]
  return [...rows.slice(0, FOLDERS_SHOWN), ...rest, SEPARATOR]
}

function folderMenu(folder: FolderState, isPausedAll: boolean): TrayRow {
  const { id, name, paused } = folder
  const runs = paused === 'no' && folder.heldBy === null && !folder.switchedOff
  return {
    kind: 'menu',
    label: `${shownName(name)} – ${folderWords(folder)}`,
    rows: [
      action(showLabel(folder), { type: 'show', place: placeOf(folder) }),
      action('Open folder', { type: 'open-folder', id }),
      action('Sync now', { type: 'sync-now', id }, runs && folder.fault === null),
      paused === 'folder'
        ? action('Resume', { type: 'resume', id }, !isPausedAll)
        : action('Pause', { type: 'pause', id }, !isPausedAll),
    ],
  }
}

function showLabel(folder: FolderState): string {
  if (folder.conflicts > 0) return `Resolve ${plural(folder.conflicts, 'conflict')}…`
  if (folder.holds > 0) return `Look at ${plural(folder.holds, 'held change')}…`
  return needsOf(folder) > 0 || folderShape(folder) === 'error' ? 'See what is wrong…' : 'Show in Lockstep'
}

function placeOf(folder: FolderState): Place {
  if (folder.conflicts > 0) return { view: 'folder', id: folder.id, tab: 'conflicts' }
  if (folder.holds > 0) return { view: 'folder', id: folder.id, tab: 'hold' }
  return { view: 'folder', id: folder.id, tab: folder.untrusted === null ? 'files' : 'backend' }
}

function pauseRows({ folders, pausedAll }: AppState): TrayRow[] {
  if (folders.length === 0) return []
  if (pausedAll !== null) {
    return [
      { kind: 'text', label: pausedWords(pausedAll.until) },
      action('Resume all', { type: 'resume-all' }),
      SEPARATOR,
    ]
  }
  const rows = [
    action('For 1 hour', { type: 'pause-all', ms: HOUR_MS }),
    action('Until resumed', { type: 'pause-all', ms: null }),
  ]
  return [{ kind: 'menu', label: 'Pause all', rows }, SEPARATOR]
}

function action(label: string, action: TrayAction, isEnabled = true): TrayRow {
  return { kind: 'action', label, action, isEnabled }
}
