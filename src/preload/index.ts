/**
 * The sandboxed bridge: hands the page's end of a channel to the main process, and nothing else. What can be said
 * over it is the contract; who may have it, main decides.
 */
import { contextBridge, ipcRenderer } from 'electron'

/** As the page and the main process call it. */
const CONNECT = 'lockstep:connect'

addEventListener('message', ({ source, origin, data, ports }: MessageEvent<unknown>) => {
  const isOwnPage = source === window && origin === location.origin
  const [port] = ports
  if (!isOwnPage || data !== CONNECT || port === undefined || ports.length > 1) return
  ipcRenderer.postMessage(CONNECT, null, [port])
})

// Tells the page that it runs inside the app and not in a browser.
contextBridge.exposeInMainWorld('lockstep', { shell: 'electron' })
