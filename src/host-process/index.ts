/**
 * The desktop app's host, in a process of its own (Electron's utilityProcess): whatever an engine does, the tray and the
 * window stay alive. The main process starts it, starts it again when it dies, and asks it to end.
 */
import { RPCHandler } from '@orpc/server/message-port'
import type { Shell } from '../contract/shell.ts'
import type { Log } from '../engine/ports/log.ts'
import { Host } from '../host/app/host.ts'
import { createRouter } from '../host/app/router.ts'
import { followSystemNetwork } from '../host/system-network.ts'
import { errorStack } from '../host/error-stack.ts'
import { type ClientPort, parentPort } from './parent-port.ts'
import type { ToHost } from './protocol.ts'
import { RemoteShell } from './remote-shell.ts'
import { Rest } from './rest.ts'
import { servePort } from './serve-port.ts'

const parent = parentPort()
/** Asked to end by its parent, which hears the same signals: by itself it would flush nothing. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
followSystemNetwork(process.env)

let take: ((message: ToHost, ports: readonly ClientPort[]) => void) | null = null
parent.on('message', ({ data, ports }) => {
  if (take !== null) return take(data, ports)
  if (data.type === 'shell') take = start(data.info)
})

function start(info: Shell): typeof take {
  const shell = new RemoteShell(info, message => parent.postMessage(message))
  try {
    const host = new Host({ env: process.env, shell, command: 'the Lockstep app', log: null })
    followFailures(host.log)
    host.start()
    return serve(host, shell)
  } catch (error) {
    parent.postMessage({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
    throw error
  }
}

function serve(host: Host, shell: RemoteShell): (message: ToHost, ports: readonly ClientPort[]) => void {
  const handler = new RPCHandler(createRouter(host))
  const rest = new Rest(host)
  return (message, ports) => {
    switch (message.type) {
      case 'shell':
        shell.info = message.info
        return
      case 'connect':
        for (const port of ports) servePort(handler, port, host.log)
        return
      case 'answer':
        return shell.take(message.id, message.answer)
      case 'ping':
        return parent.postMessage({ type: 'pong' })
      case 'suspend':
        return rest.begin()
      case 'resume':
        return rest.end()
      case 'close':
        return void close(host)
    }
  }
}

async function close(host: Host): Promise<void> {
  try {
    await host.close()
  } catch (error) {
    host.log.error('the engines did not end well', { error: errorStack(error) })
  }
  process.exit(0)
}

/** It ends with it, and its parent starts another one. */
function followFailures(log: Log): void {
  process.on('uncaughtException', error => {
    log.error('the host has failed', { error: errorStack(error) })
    process.exit(1)
  })
  process.on('unhandledRejection', reason => {
    log.error('something has failed unnoticed', { error: errorStack(reason) })
  })
}
