/** The host behind a WebSocket of the page's own origin: the daemon. */
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { HostClient } from '../../contract/contract.ts'
import { PassRefused, SealedSocket } from '../../contract/sealed-socket.ts'
import { type Connection, SessionRefused } from './connection.ts'
import { keep, passes } from './session.ts'

export async function connectBySocket(signal: AbortSignal): Promise<Connection> {
  const known = passes()
  if (known.length === 0) throw new SessionRefused()
  const raw = new WebSocket(`ws://${location.host}/rpc`)
  const closed = new Promise<void>(done => {
    raw.addEventListener('close', () => done(), { once: true })
  })
  signal.addEventListener('abort', () => raw.close(), { once: true })
  const { socket, welcome } = await enter(raw, known)
  keep(welcome)
  const client: HostClient = createORPCClient(new RPCLink({ websocket: socket }))
  return { client, closed, close: () => socket.close() }
}

async function enter(raw: WebSocket, known: ReturnType<typeof passes>) {
  try {
    return await SealedSocket.enter(raw, location.host, known)
  } catch (error) {
    throw error instanceof PassRefused ? new SessionRefused() : error
  }
}
