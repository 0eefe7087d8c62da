/** The host behind a WebSocket of the page's own origin: the daemon. */
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { HostClient } from '../../contract/contract.ts'
import type { Connection } from './connection.ts'
import { ensureSession } from './session.ts'

export async function connectBySocket(signal: AbortSignal): Promise<Connection> {
  await ensureSession(signal)
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const websocket = new WebSocket(`${scheme}://${location.host}/rpc`)
  const closed = new Promise<void>(done => {
    websocket.addEventListener('close', () => done(), { once: true })
  })
  signal.addEventListener('abort', () => websocket.close(), { once: true })
  await opened(websocket)
  const client: HostClient = createORPCClient(new RPCLink({ websocket }))
  return { client, closed, close: () => websocket.close() }
}

function opened(websocket: WebSocket): Promise<void> {
  return new Promise((done, fail) => {
    websocket.addEventListener('open', () => done(), { once: true })
    websocket.addEventListener('close', () => fail(new Error('the connection was refused')), { once: true })
  })
}
