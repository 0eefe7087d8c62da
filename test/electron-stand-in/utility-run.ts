/** `node utility-run.ts MODULE`: runs a module as Electron's utility process does, with `process.parentPort`. */
import { EventEmitter } from 'node:events'
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { makeCodec } from './clone.ts'
import { fault, faults, guard } from './guarded.ts'
import { loaded, noteLoaded } from './loaded.ts'
import { Ports } from './far-ports.ts'
import type { Crossing } from './utility-process.ts'

const codec = makeCodec()
const send = (message: Crossing): void => {
  if (process.connected) process.send?.(message)
}
const ports = new Ports(send, 'odd')

class ParentPort extends EventEmitter {
  readonly #early: Crossing[] = []

  constructor() {
    super()
    this.once('newListener', () => {
      setImmediate(() => {
        for (const message of this.#early.splice(0)) this.take(message)
      })
    })
  }

  postMessage(message: unknown): void {
    send({ type: 'message', data: codec.encode(message), ports: [] })
  }

  take(message: Crossing): void {
    if (message.type === 'fault' || message.type === 'loaded') return
    if (message.type !== 'message') ports.take(message)
    else if (this.listenerCount('message') === 0) this.#early.push(message)
    else {
      const event = { data: codec.decode(message.data), ports: ports.arrive(message.ports) }
      this.emit('message', guard('MessageEvent', event))
    }
  }
}

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (/^electron(?:\/|$)/.test(specifier)) throw fault('a utility process of the app imports electron')
    return nextResolve(specifier, context)
  },
  load(url, context, nextLoad) {
    const found = nextLoad(url, context)
    noteLoaded(url, found.source)
    return found
  },
})
loaded.push = (...modules) => {
  for (const module of modules) send({ type: 'loaded', module })
  return 0
}

const [, , modulePath = '', ...args] = process.argv
const parentPort = new ParentPort()
const push = faults.push.bind(faults)
faults.push = (...texts) => {
  for (const text of texts) send({ type: 'fault', text })
  return push(...texts)
}
process.on('message', message => parentPort.take(message as Crossing))
// Chromium ends it with the main process.
process.on('disconnect', () => process.exit(1))
process.argv = [process.execPath, modulePath, ...args]
Object.defineProperties(process, {
  parentPort: { value: parentPort, enumerable: true },
  type: { value: 'utility', enumerable: true },
})
await import(pathToFileURL(modulePath).href)
