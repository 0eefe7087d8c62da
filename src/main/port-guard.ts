/** Who may have the host's end of a channel (pure): the top frame of our own window, on our own origin. */

/** What of Electron's IpcMainEvent the decision needs. */
export interface Handover {
  readonly sender: { readonly id: number }
  /** Null where the frame is gone by now. */
  readonly senderFrame: { readonly origin: string; readonly parent: unknown } | null
  readonly ports: readonly unknown[]
}

/** Why it is refused; null where it is fine. `windowId` is our window's page, null while there is none. */
export function refusalOf(event: Handover, windowId: number | null, origin: string): string | null {
  const { sender, senderFrame, ports } = event
  if (sender.id !== windowId) return 'it does not come from our window'
  if (senderFrame === null) return 'its frame is gone'
  if (senderFrame.parent !== null) return 'it comes from an embedded frame'
  if (senderFrame.origin !== origin) return `it comes from ${senderFrame.origin}`
  return ports.length === 1 ? null : `it brings ${ports.length} ports`
}
