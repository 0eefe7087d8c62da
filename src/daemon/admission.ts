/** The daemon's end of the handshake (contract/handshake.ts): lets one WebSocket in, or ends it. */
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import { HANDSHAKE_FAILED, isProof, newNonce, offerOf, proofOf, Seal } from '../contract/handshake.ts'
import { messagesOf } from '../contract/raw-socket.ts'
import type { Access } from './access.ts'
import { isOwnUser } from './peer-user.ts'

export interface Admitted {
  /** What the daemon says. */
  readonly out: Seal
  /** What the page says. */
  readonly into: Seal
}

/** A page has three passes at most: of its address, its storage and its memory. */
const MOST_OFFERS = 3
/** All that somebody may send before they are in, in bytes. */
const MOST_BEFORE = 16 * 1024

/** Null where it was refused, and is closed. `request` has been checked: its Host is one of ours. */
export async function admit(
  client: WebSocket,
  request: IncomingMessage,
  access: Access,
): Promise<Admitted | null> {
  const { socket } = request
  let received = 0
  const count = (some: Buffer): void => {
    received += some.length
    if (received > MOST_BEFORE) client.terminate()
  }
  socket.on('data', count)
  const messages = messagesOf(client)
  try {
    const daemonNonce = newNonce()
    client.send(JSON.stringify({ nonce: daemonNonce }))
    for (let offers = 0; offers < MOST_OFFERS; offers++) {
      const offer = offerOf(await messages.next())
      if (offer === null) break
      const { id, nonce: pageNonce, proof } = offer
      const handshake = { host: request.headers.host ?? '', id, daemonNonce, pageNonce }
      const key = access.keyOf(id)
      const isProven = key !== null && (await isProof(key, 'page', handshake, proof))
      if (isProven && access.use({ id, key }, () => isOwnUser(socket))) {
        const admitted = {
          out: await Seal.of(key, 'daemon', handshake),
          into: await Seal.of(key, 'page', handshake),
        }
        client.send(JSON.stringify({ proof: await proofOf(key, 'daemon', handshake) }))
        return admitted
      }
      client.send(JSON.stringify({ refused: true }))
    }
    client.close(HANDSHAKE_FAILED)
    return null
  } catch {
    // It has gone.
    client.terminate()
    return null
  } finally {
    messages.end()
    socket.off('data', count)
  }
}
