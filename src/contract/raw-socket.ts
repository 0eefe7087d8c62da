/** A WebSocket as both ends of the handshake use it, message by message. */

/** A browser's WebSocket, and that of ws. */
export interface RawSocket {
  binaryType: string
  readonly readyState: 0 | 1 | 2 | 3
  send(data: string | ArrayBuffer): void
  close(code?: number): void
  addEventListener(
    type: 'message' | 'close',
    listener: (event: { type: string; data?: unknown }) => void,
    options?: { once: boolean },
  ): void
  removeEventListener(
    type: 'message' | 'close',
    listener: (event: { type: string; data?: unknown }) => void,
  ): void
}

/** One after the other; rejects once the socket is closed. */
export function messagesOf(raw: RawSocket) {
  const waiting: unknown[] = []
  let wake: (() => void) | null = null
  let isClosed = false
  const take = ({ data }: { data?: unknown }) => {
    waiting.push(data)
    wake?.()
  }
  const onClose = () => {
    isClosed = true
    wake?.()
  }
  raw.addEventListener('message', take)
  raw.addEventListener('close', onClose)
  return {
    async next(): Promise<unknown> {
      while (waiting.length === 0) {
        if (isClosed) throw closed()
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      return waiting.shift()
    },
    /** What has come meanwhile and was not asked for. */
    end(): readonly unknown[] {
      raw.removeEventListener('message', take)
      raw.removeEventListener('close', onClose)
      return waiting
    },
  }
}

export function closed(): Error {
  return new Error('the connection was closed')
}
