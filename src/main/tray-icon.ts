/**
 * Which file shows a state in the tray (pure): each platform wants its own kind, each panel its own size. Made
 * from resources/icons/source by `npm run icons`; a file `NAME@2x.png` beside is found by Electron itself.
 */
import type { Shape } from './tray-look.ts'

/** Pictures of the syncing icon that follow one another; the first stands still where nothing should move. */
export const SYNCING_FRAMES = 4
/** Gently: one turn takes about two seconds, in milliseconds. */
export const FRAME_MS = 500

/** Relative to resources/icons. */
export function trayIconFile(
  platform: NodeJS.Platform,
  desktop: string,
  shape: Shape,
  frame: number,
): string {
  const name = shape === 'syncing' ? `${shape}-${frame % SYNCING_FRAMES}` : shape
  switch (platform) {
    case 'darwin':
      // macOS makes a template of a file by its name's end.
      return `mac/${name}Template.png`
    case 'win32':
      return `windows/${name}.ico`
    default:
      return `linux/${panelSize(desktop)}/${name}.png`
  }
}

/** Digits up to nine, then `9+`; for Windows' badge over the task bar's button. */
export function badgeFile(count: number): string | null {
  if (count <= 0) return null
  return `badge/${count > 9 ? 'more' : count}.png`
}

/** As `XDG_CURRENT_DESKTOP` names it: `ubuntu:GNOME`, `KDE`, `XFCE` … In pixels at normal density. */
function panelSize(desktop: string): 16 | 22 | 24 {
  const names = desktop.toLowerCase().split(':')
  if (names.includes('gnome') || names.includes('unity')) return 16
  return names.includes('kde') || names.includes('lxqt') ? 22 : 24
}
