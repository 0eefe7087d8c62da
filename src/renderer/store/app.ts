/** The page's one store: what the host says, and how the connection to it is. Fed by `feed.ts` alone. */
import { create } from 'zustand'
import { shownText } from '../../contract/shown.ts'
import type { AppState, FolderState } from '../../contract/state.ts'
import { underHome } from '../format/path.ts'
import { type Known, takeEvent } from './take-event.ts'
import type { StateEvent } from '../../contract/state.ts'

/**
 * `connecting`: not heard of the host yet. `live`: what is shown is true now. `lost`: it was true once, and
 * the page is trying again. `refused`: the host does not know this page any more; trying again cannot help.
 */
export type Connection = 'connecting' | 'live' | 'lost' | 'refused'

interface App {
  readonly connection: Connection
  /** Rises with each new connection: what was fetched over an older one is fetched again. */
  readonly epoch: number
  readonly known: Known | null
}

export const useApp = create<App>(() => ({ connection: 'connecting', epoch: 0, known: null }))

/** One change of the store, and so one rendering, however many events came together. */
export function takeEvents(events: readonly StateEvent[]): void {
  const { known, connection, epoch } = useApp.getState()
  const next = events.reduce<Known | null>(takeEvent, known)
  if (connection === 'live') {
    if (next !== known) useApp.setState({ known: next })
    return
  }
  // The first event of a connection is its snapshot; with it everything is true again.
  useApp.setState({ known: next, connection: 'live', epoch: epoch + 1 })
}

/** A new connection starts anew: the numbers of the last one say nothing about the next. */
export function startAnew(): void {
  const { known } = useApp.getState()
  if (known !== null) useApp.setState({ known: { ...known, run: '', revision: -1 } })
}

export function setConnection(connection: Exclude<Connection, 'live'>): void {
  useApp.setState({ connection })
}

export function useAppState(): AppState | null {
  return useApp(app => app.known?.state ?? null)
}

export function useFolder(id: string): FolderState | null {
  return useApp(app => app.known?.state.folders.find(folder => folder.id === id) ?? null)
}

/** Shows this machine's paths as a person writes them. */
export function useUnderHome(): (text: string) => string {
  const home = useApp(app => app.known?.state.home ?? '')
  return text => shownText(underHome(text, home))
}

const NO_FOLDERS: readonly FolderState[] = []

export function useFolders(): readonly FolderState[] {
  return useApp(app => app.known?.state.folders ?? NO_FOLDERS)
}
