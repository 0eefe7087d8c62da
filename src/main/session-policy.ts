/**
 * What the page may not do, held outside of it: leave its origin, open windows, embed others, ask for
 * permissions, download, or load anything from elsewhere.
 */
import { app, type Session, session, type WebContents } from 'electron'
import { isOwnAddress, isOwnPage } from './app-protocol.ts'

export function restrictPages(devServer: string | null): void {
  restrictSession(session.defaultSession, devServer)
  app.on('web-contents-created', (_event, contents) => restrictContents(contents))
}

/** Nothing the page does needs a permission but copying a text, which a click already allows. */
const ALLOWED = 'clipboard-sanitized-write'

function restrictSession(own: Session, devServer: string | null): void {
  own.setPermissionRequestHandler((_contents, permission, answer) => answer(permission === ALLOWED))
  own.setPermissionCheckHandler((_contents, permission) => permission === ALLOWED)
  own.setDevicePermissionHandler(() => false)
  own.setDisplayMediaRequestHandler((_request, answer) => answer(null))
  // It would fetch dictionaries.
  own.setSpellCheckerEnabled(false)
  own.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isOwnAddress(url, devServer) }))
  own.on('will-download', event => event.preventDefault())
}

function restrictContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', refuseOthers)
  contents.on('will-frame-navigate', refuseOthers)
  contents.on('will-redirect', event => event.preventDefault())
  contents.on('will-attach-webview', event => event.preventDefault())
}

/** The page may load itself anew, which mends it after a failure. */
function refuseOthers(event: Electron.Event<{ readonly url: string; readonly isMainFrame: boolean }>): void {
  if (!(event.isMainFrame && isOwnPage(event.url))) event.preventDefault()
}
