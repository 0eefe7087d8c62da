/**
 * Where the person is: the part after `#`, so that back, forward and a reload lead where they should.
 *
 * No router: the places are few and all known here.
 */
import { create } from 'zustand'

export const FOLDER_TABS = ['files', 'activity', 'conflicts', 'rules', 'backend'] as const
export type FolderTab = (typeof FOLDER_TABS)[number]

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
      /** The held deletes are shown over the tab. */
      readonly hold: boolean
    }

function parseRoute(hash: string): Route {
  const [first, folder, tab, ...rest] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode)
  if (first === 'add') return { view: 'add' }
  if (first === 'settings') return { view: 'settings' }
  if (first !== 'folder' || folder === undefined || folder === '') return { view: 'overview' }
  if (tab === 'hold') return { view: 'folder', folder, tab: 'files', path: null, hold: true }
  const known = FOLDER_TABS.find(each => each === tab) ?? 'files'
  return { view: 'folder', folder, tab: known, path: rest[0] ?? null, hold: false }
}

export function routeHash(route: Route): string {
  switch (route.view) {
    case 'overview':
      return '#/'
    case 'add':
    case 'settings':
      return `#/${route.view}`
    case 'folder': {
      const place = route.hold ? 'hold' : route.tab
      const path = route.path === null || route.hold ? '' : `/${encodeURIComponent(route.path)}`
      return `#/folder/${encodeURIComponent(route.folder)}/${place}${path}`
    }
  }
}

export function folderRoute(folder: string, tab: FolderTab = 'files', path: string | null = null): Route {
  return { view: 'folder', folder, tab, path, hold: false }
}

export function holdRoute(folder: string): Route {
  return { view: 'folder', folder, tab: 'files', path: null, hold: true }
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
