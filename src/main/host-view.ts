/**
 * How the host's process is, and with that what the tray says (pure): all folders' states while it runs, and otherwise
 * that it does not.
 */
import type { AppState } from '../contract/state.ts'
import { type TrayLook, trayLook } from './tray-look.ts'

export type HostView =
  | { readonly condition: 'running'; readonly state: AppState }
  /** The first one has not told its state yet. */
  | { readonly condition: 'starting' }
  /** One has died, and another comes. */
  | { readonly condition: 'restarting'; readonly reason: string | null }
  /** It is there and does not answer. */
  | { readonly condition: 'silent' }

export function hostLook(view: HostView): TrayLook {
  switch (view.condition) {
    case 'running':
      return trayLook(view.state)
    case 'starting':
      return { shape: 'syncing', count: 0, line: 'Starting', detail: 'Starting' }
    case 'restarting': {
      const line = 'Sync has ended and starts again'
      return {
        shape: 'error',
        count: 0,
        line,
        detail: view.reason === null ? line : `${line}. ${view.reason}`,
      }
    }
    case 'silent':
      return { shape: 'error', count: 0, line: 'Sync does not answer', detail: 'Sync does not answer' }
  }
}
