/** What reaches an app from nobody whom it knows: messages and requests that no page of its own would send. */
import { BrowserWindow } from './browser-window.ts'
import type { AppAnswer, AppRequest, ForgedSender } from './control-protocol.ts'
import { guard, inner } from './guarded.ts'
import { ipcEvent, ipcMain } from './ipc-main.ts'
import { MessageChannelMain } from './message-port.ts'
import { session } from './session.ts'
import type { WebFrameMain } from './web-frame.ts'

/** What a page would get for an address, its policy aside. */
export async function ask({ url, method }: AppRequest): Promise<AppAnswer> {
  const request = { url, method, headers: {}, body: null, resourceType: 'Other', isMainFrame: false }
  const answer = await session.defaultSession[inner].answer(request)
  if ('failed' in answer) return { status: null, headers: {}, text: answer.failed }
  const { status, headers, body } = answer
  return { status, headers: Object.fromEntries(headers), text: body.toString('utf8') }
}

/** A message that no page of ours would send, as it would arrive. Resolves with how many of its ports were closed. */
export async function forge({ channel, from, ports: count }: ForgedSender): Promise<number> {
  const [window] = BrowserWindow.getAllWindows()
  if (window === undefined) throw new Error('there is no window whose page could be imitated')
  const { webContents } = window
  const top = webContents.mainFrame
  const others = {
    parent: top,
    top,
    frameToken: 'forged',
    routingId: 99,
    processId: 99,
    url: top.url,
    origin: top.origin,
  }
  const embedded = guard('WebFrameMain', others)
  const foreign = guard('WebFrameMain', {
    ...others,
    parent: null,
    url: 'https://evil.invalid/',
    origin: 'https://evil.invalid',
  })
  const otherPage = guard('webContents', { id: webContents.id + 1_000, mainFrame: top })
  const senderFrame = {
    'own-page': top,
    'embedded-frame': embedded,
    'frame-that-is-gone': null,
    'other-page': top,
    'other-origin': foreign,
  }[from]
  const channels = Array.from({ length: count }, () => new MessageChannelMain())
  let closed = 0
  for (const { port1 } of channels) port1.on('close', () => (closed += 1))
  const event = ipcEvent({
    sender: (from === 'other-page' ? otherPage : webContents) as typeof webContents,
    senderFrame: senderFrame as WebFrameMain | null,
    ports: channels.map(({ port2 }) => port2),
    frameId: 99,
    processId: 99,
  })
  ipcMain.emit(channel, event, null)
  // The app has decided by now, and a port tells of its end in the next turn.
  await new Promise(resolve => {
    setImmediate(resolve)
  })
  return closed
}
