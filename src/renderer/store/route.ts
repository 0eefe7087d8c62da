/**
 * Where the person is: the part after `#`, so that back, forward and a reload lead where they should.
 *
 * No router: the places are few and all known here.
 */
import { create } from 'zustand'

export const FOLDER_TABS = ['files', 'activity', 'conflicts', 'rules', 'backend'] as const
export type FolderTab = (typeof FOLDER_TABS)[number]

type Hold = 'changes' | 'contents'

const HOLD_PLACES: Readonly<Record<Hold, string>> = { changes: 'hold', contents: 'waiting' }

export type Route =
  | { readonly view: 'overview' }
  | { readonly view: 'add' }
  | { readonly view: 'settings' }
  | {
      readonly view: 'folder'
      readonly folder: string
      readonly tab: FolderTab
      /** The file that is looked at, or the conflict that is open. */
      readonly path: string | null
      /** What is held is shown over the tab: deletes and changes, or files that wait for their content. */
      readonly hold: Hold | null
    }

function parseRoute(hash: string): Route {
  const [first, folder, tab, ...rest] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode)
  if (first === 'add') return { view: 'add' }
  if (first === 'settings') return { view: 'settings' }
  if (first !== 'folder' || folder === undefined || folder === '') return { view: 'overview' }
  if (tab === HOLD_PLACES.changes) return holdRoute(folder)
  if (tab === HOLD_PLACES.contents) return holdRoute(folder, 'contents')
  const known = FOLDER_TABS.find(each => each === tab) ?? 'files'
  return { view: 'folder', folder, tab: known, path: rest[0] ?? null, hold: null }
}

export function routeHash(route: Route): string {
  switch (route.view) {
    case 'overview':
      return '#/'
    case 'add':
    case 'settings':
      return `#/${route.view}`
    case 'folder': {
      const place = route.hold === null ? route.tab : HOLD_PLACES[route.hold]
      const path = route.path === null || route.hold !== null ? '' : `/${encodeURIComponent(route.path)}`
      return `#/folder/${encodeURIComponent(route.folder)}/${place}${path}`
    }
  }
}

export function folderRoute(folder: string, tab: FolderTab = 'files', path: string | null = null): Route {
  return { view: 'folder', folder, tab, path, hold: null }
}

export function holdRoute(folder: string, hold: Hold = 'changes'): Route {
  return { view: 'folder', folder, tab: 'files', path: null, hold }
}

interface RouteState {
  readonly route: Route
}

export const useRoute = create<RouteState>(() => ({ route: parseRoute(location.hash) }))

/** A step that Back undoes. */
export function go(route: Route): void {
  const hash = routeHash(route)
  if (location.hash !== hash) location.hash = hash
}

/** Without a step of its own: what is shown beside a list while one moves along it. */
export function replaceRoute(route: Route): void {
  history.replaceState(history.state, '', routeHash(route))
  useRoute.setState({ route })
}

/** Follows the address until the returned function is called. */
export function followAddress(): () => void {
  const read = () => useRoute.setState({ route: parseRoute(location.hash) })
  read()
  addEventListener('hashchange', read)
  return () => removeEventListener('hashchange', read)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
