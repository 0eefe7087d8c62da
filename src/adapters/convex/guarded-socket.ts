/**
 * The platform's WebSocket for one Convex client, with two gaps closed: the client throws out of its message
 * handler when the server reports a fatal error, which would end the process; and it never closes a socket that
 * is still connecting, which would outlive it.
 */

export interface SocketGuard {
  /** For the client's option of that name. */
  readonly webSocketConstructor: typeof WebSocket
  closeAll(): void
}

export function guardSockets(onFault: (error: unknown) => void): SocketGuard {
  const open = new Set<WebSocket>()

  class GuardedSocket extends WebSocket {
    constructor(url: string | URL) {
      super(url)
      open.add(this)
      this.addEventListener('close', () => open.delete(this))
      let handler: ((event: MessageEvent) => void) | null = null
      Object.defineProperty(this, 'onmessage', {
        get: () => handler,
        set: (next: typeof handler) => {
          handler = next
        },
      })
      this.addEventListener('message', event => {
        try {
          handler?.(event)
        } catch (error) {
          onFault(error)
        }
      })
    }
  }

  return {
    webSocketConstructor: GuardedSocket,
    closeAll() {
      for (const socket of open) socket.close()
    },
  }
}
