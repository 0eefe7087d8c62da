/** A line between a client and a server that a test can cut: everything on it ends at once, and nobody gets through. */
import { once } from 'node:events'
import { createServer, connect, type Socket } from 'node:net'

export interface Line {
  readonly port: number
  cut(): void
  restore(): void
  close(): Promise<void>
}

export async function openLine(port: number): Promise<Line> {
  const sockets = new Set<Socket>()
  let isCut = false
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  const drop = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const server = createServer(near => {
    keep(near)
    if (isCut) {
      near.resetAndDestroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    keep(far)
    near.pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address !== 'object') throw new Error('the line has no port')
  return {
    port: address.port,
    cut: () => {
      isCut = true
      drop()
    },
    restore: () => {
      isCut = false
    },
    close: async () => {
      drop()
      server.close()
      await once(server, 'close')
    },
  }
}
