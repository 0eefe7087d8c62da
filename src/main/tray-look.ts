/**
 * What the tray says of all folders at once (pure): one shape, a count of decisions that wait for a person,
 * and a line of words. What needs a person comes first, then what a person has decided, then what sync does.
 */
import { shownName } from '../contract/shown.ts'
import type { AppState, FolderState } from '../contract/state.ts'

/** Each has an icon of its own silhouette or glyph: resources/icons/source. */
export const SHAPES = ['in-step', 'syncing', 'paused', 'offline', 'needs-you', 'error'] as const
export type Shape = (typeof SHAPES)[number]

export interface TrayLook {
  readonly shape: Shape
  /** Decisions that only a person can make. */
  readonly count: number
  /** For the menu, which an open one would lose at each change: it tells no numbers that run. */
  readonly line: string
  /** For the tooltip: the line with numbers, and what else waits. */
  readonly detail: string
}

export function trayLook(state: AppState): TrayLook {
  const { folders } = state
  const count = folders.reduce((sum, folder) => sum + needsOf(folder), 0)
  const shape = shapeOf(state)
  const line = lineOf(shape, state, count)
  return { shape, count, line, detail: detailOf(shape, line, state, count) }
}

/** Conflicts one by one; what is held is one decision, and so is a custom adapter's trust. */
export function needsOf(folder: FolderState): number {
  return folder.conflicts + (folder.holds > 0 ? 1 : 0) + (folder.untrusted === null ? 0 : 1)
}

export function folderShape(folder: FolderState): Shape {
  if (folder.heldBy !== null) return 'paused'
  if (folder.untrusted !== null) return 'needs-you'
  if (folder.fault !== null || folder.state === 'error') return 'error'
  if (folder.switchedOff) return 'paused'
  if (needsOf(folder) > 0 || folder.state === 'held') return 'needs-you'
  if (folder.paused !== 'no' || folder.state === 'paused') return 'paused'
  if (folder.state === 'offline') return 'offline'
  return folder.state === 'idle' && folder.pending === 0 ? 'in-step' : 'syncing'
}

export function folderWords(folder: FolderState): string {
  if (folder.heldBy !== null) return 'Kept by another program'
  switch (folderShape(folder)) {
    case 'error':
      return 'Sync has stopped'
    case 'needs-you':
      return needsWords(folder)
    case 'paused':
      return folder.switchedOff ? 'Switched off' : 'Paused'
    case 'offline':
      return 'Offline'
    case 'syncing':
      return 'Syncing'
    case 'in-step':
      return 'In step'
  }
}

/** The first of these that some folder has; `paused` only where none runs. */
const PRECEDENCE = ['error', 'needs-you', 'offline', 'syncing', 'in-step', 'paused'] as const

function shapeOf({ folders, pausedAll }: AppState): Shape {
  const shapes = new Set(folders.map(folderShape))
  const first = PRECEDENCE.find(shape => shapes.has(shape))
  if (first === undefined) return pausedAll === null ? 'in-step' : 'paused'
  return first
}

function lineOf(shape: Shape, state: AppState, count: number): string {
  const { folders, pausedAll } = state
  if (folders.length === 0) return 'No folders yet'
  const these = folders.filter(folder => folderShape(folder) === shape)
  const [only] = these
  switch (shape) {
    case 'error':
      return these.length === 1 && only !== undefined
        ? `Sync has stopped in ${shownName(only.name)}`
        : `Sync has stopped in ${these.length} folders`
    case 'needs-you':
      return these.length === 1 && only !== undefined
        ? `${shownName(only.name)}: ${needsWords(only)}`
        : waiting(count)
    case 'paused':
      return pausedAll === null ? 'Paused' : pausedWords(pausedAll.until)
    case 'offline':
      return these.length === folders.length ? 'Offline' : `Offline: ${names(these)}`
    case 'syncing':
      return 'Syncing'
    case 'in-step':
      return 'Everything is in step'
  }
}

function detailOf(shape: Shape, line: string, { folders }: AppState, count: number): string {
  if (shape === 'syncing') {
    const pending = folders.reduce((sum, folder) => sum + folder.pending, 0)
    return pending > 0 ? `${line} ${plural(pending, 'change')}` : line
  }
  return count > 0 && shape === 'error' ? `${line}. ${waiting(count)}` : line
}

function waiting(count: number): string {
  return `${plural(count, 'decision')} ${count === 1 ? 'waits' : 'wait'} for you`
}

export function pausedWords(until: number | null): string {
  return until === null ? 'Paused' : `Paused until ${clock(until)}`
}

function needsWords(folder: FolderState): string {
  if (folder.untrusted !== null) return 'Its adapter waits for your trust'
  if (folder.conflicts > 0) return plural(folder.conflicts, 'conflict')
  return folder.holds > 0 ? `${plural(folder.holds, 'change')} held back` : 'Held back'
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

/** Two by name; more only by number. */
function names(folders: readonly FolderState[]): string {
  return folders.length <= 2
    ? folders.map(({ name }) => shownName(name)).join(', ')
    : plural(folders.length, 'folder')
}

function clock(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}
