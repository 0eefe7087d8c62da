/** Where in the page a notification or a row of the tray leads: the part of its address after `#`. */

export type Place =
  | { readonly view: 'overview' }
  | { readonly view: 'settings' }
  | { readonly view: 'folder'; readonly id: string; readonly tab: 'files' | 'conflicts' | 'hold' | 'backend' }

export const OVERVIEW: Place = { view: 'overview' }

export function placeHash(place: Place): string {
  switch (place.view) {
    case 'overview':
      return '#/'
    case 'settings':
      return '#/settings'
    case 'folder':
      return `#/folder/${encodeURIComponent(place.id)}/${place.tab}`
  }
}
