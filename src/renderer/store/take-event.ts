/**
 * What the page knows of the host, event by event (pure).
 *
 * A snapshot replaces everything. Changes count only within the run that the snapshot named, and only when
 * their revision rises: a late or repeated event changes nothing.
 */
import type { AppState, StateChange, StateEvent } from '../../contract/state.ts'

export interface Known {
  readonly run: string
  readonly revision: number
  readonly state: AppState
}

export function takeEvent(known: Known | null, event: StateEvent): Known | null {
  const { run, revision } = event
  if (known !== null && known.run === run && revision <= known.revision) return known
  if (event.type === 'snapshot') return { run, revision, state: event.state }
  if (known === null || known.run !== run) return known
  return { run, revision, state: event.changes.reduce(applyChange, known.state) }
}

function applyChange(state: AppState, change: StateChange): AppState {
  switch (change.type) {
    case 'folder': {
      const { folder } = change
      const isKnown = state.folders.some(({ id }) => id === folder.id)
      const folders = isKnown
        ? state.folders.map(each => (each.id === folder.id ? folder : each))
        : [...state.folders, folder]
      return { ...state, folders }
    }
    case 'folder-removed':
      return { ...state, folders: state.folders.filter(({ id }) => id !== change.id) }
    case 'order': {
      const place = new Map(change.ids.map((id, index) => [id, index]))
      const rank = (id: string) => place.get(id) ?? change.ids.length
      return { ...state, folders: [...state.folders].sort((a, b) => rank(a.id) - rank(b.id)) }
    }
    case 'paused-all':
      return { ...state, pausedAll: change.pausedAll }
    case 'settings':
      return { ...state, settings: change.settings }
  }
}
