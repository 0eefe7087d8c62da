/** A door in front of a TCP server that can be shut: connections break, new ones are refused, on the same port. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export interface Gate {
  /** `host:port` to connect to. */
  readonly host: string
  cut(): Promise<void>
  reopen(): Promise<void>
  /** What is sent is no longer passed on, and nobody is told: as after a machine has slept. */
  freeze(): void
}

export async function openGate(target: number): Promise<Gate> {
  const sockets = new Set<Socket>()
  let isFrozen = false

  function relay(client: Socket): void {
    const upstream = connect({ host: '127.0.0.1', port: target })
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', bytes => void (isFrozen || to.write(bytes)))
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  }

  let server = await listen(relay, 0)
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    cut: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
    async reopen() {
      isFrozen = false
      server = await listen(relay, port)
    },
    freeze() {
      isFrozen = true
    },
  }
}

function listen(onConnection: (socket: Socket) => void, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onConnection)
    server.on('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
