/**
 * What runs in the page beside the app's own code, as source text: in the page's world the receiver of what the
 * preload exposes, in the preload's world Electron's renderer side. Each function is self-contained.
 */
import type { IpcRendererEvent } from 'electron'
import type { Codec } from './clone.ts'

/** Listens for the name that only the preload's world knows, and defines what arrives on `window`, for good. */
export function pageWorld(eventName: string): void {
  document.addEventListener(eventName, event => {
    const { key, json } = (event as CustomEvent<{ key: string; json: string }>).detail
    const freeze = (value: unknown): unknown => {
      if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
      return value
    }
    const value = freeze(JSON.parse(json))
    Object.defineProperty(window, key, { value, enumerable: true, configurable: false, writable: false })
  })
}

export interface PreloadSetup {
  readonly binding: string
  readonly eventName: string
  readonly platform: string
  readonly versions: Readonly<Record<string, string>>
  readonly makeCodec: () => Codec
}

export type FromPage =
  | {
      readonly type: 'message'
      readonly channel: string
      readonly args: string
      readonly ports: readonly number[]
    }
  | { readonly type: 'invoke'; readonly id: number; readonly channel: string; readonly args: string }
  | {
      readonly type: 'port-message'
      readonly port: number
      readonly data: string
      readonly ports: readonly number[]
    }
  | { readonly type: 'port-close'; readonly port: number }
  | { readonly type: 'preload-error'; readonly message: string }
  | { readonly type: 'fault'; readonly text: string }

export type ToPage =
  | {
      readonly type: 'message'
      readonly channel: string
      readonly args: string
      readonly ports: readonly number[]
    }
  | { readonly type: 'answer'; readonly id: number; readonly error: string | null; readonly value: string }
  | {
      readonly type: 'port-message'
      readonly port: number
      readonly data: string
      readonly ports: readonly number[]
    }
  | { readonly type: 'port-close'; readonly port: number }

type Listener = (event: IpcRendererEvent, ...args: unknown[]) => void

interface PreloadWorld {
  readonly require: (name: string) => unknown
  readonly process: object
  readonly failed: (error: unknown) => void
}

/** Null in a frame, where Electron runs no preload. */
export function preloadWorld(setup: PreloadSetup): PreloadWorld | null {
  if (window !== window.top) return null
  const codec = setup.makeCodec()
  const ports = new Map<number, MessagePort>()
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  const listeners = new Map<string, { readonly listener: Listener; readonly isOnce: boolean }[]>()
  // Numbers of this side are odd, those of the main process even.
  let lastPort = -1
  let lastInvoke = 0

  const tell = (message: FromPage): void => {
    const send = Reflect.get(globalThis, setup.binding) as (text: string) => void
    send(JSON.stringify(message))
  }
  const missing = (what: string): Error => {
    const text = `the stand-in has no ${what}`
    tell({ type: 'fault', text })
    return new Error(text)
  }
  const guard = <T extends object>(name: string, object: T): T =>
    new Proxy(object, {
      get(target, key, receiver): unknown {
        if (typeof key !== 'symbol' && !(key in target) && key !== 'then') throw missing(`${name}.${key}`)
        return Reflect.get(target, key, receiver)
      },
    })

  const hold = (id: number, port: MessagePort): void => {
    ports.set(id, port)
    port.addEventListener('message', ({ data, ports: sent }: MessageEvent<unknown>) =>
      tell({ type: 'port-message', port: id, data: codec.encode(data), ports: sent.map(adopt) }),
    )
    port.addEventListener('close', () => {
      if (ports.delete(id)) tell({ type: 'port-close', port: id })
    })
    port.start()
  }
  const adopt = (port: MessagePort): number => {
    lastPort += 2
    hold(lastPort, port)
    return lastPort
  }
  /** As a transfer does: the sender's own object is of no more use. */
  const transferred = (transfer: readonly unknown[]): MessagePort[] => {
    for (const [index, port] of transfer.entries())
      if (!(port instanceof MessagePort)) throw new TypeError(`Port at index ${index} is not a valid port`)
    const list = transfer as MessagePort[]
    return structuredClone(list, { transfer: list })
  }
  const arrive = (id: number): MessagePort => {
    const { port1, port2 } = new MessageChannel()
    hold(id, port1)
    return port2
  }

  const addListener = (channel: string, listener: Listener, isOnce: boolean): void => {
    if (typeof listener !== 'function') throw new TypeError('The listener must be a function')
    listeners.set(channel, [...(listeners.get(channel) ?? []), { listener, isOnce }])
  }
  const ipcRenderer = guard('ipcRenderer', {
    on(channel: string, listener: Listener) {
      addListener(channel, listener, false)
      return ipcRenderer
    },
    once(channel: string, listener: Listener) {
      addListener(channel, listener, true)
      return ipcRenderer
    },
    removeListener(channel: string, listener: Listener) {
      listeners.set(
        channel,
        (listeners.get(channel) ?? []).filter(each => each.listener !== listener),
      )
      return ipcRenderer
    },
    send: (channel: string, ...args: unknown[]): void =>
      tell({ type: 'message', channel, args: codec.encode(args), ports: [] }),
    postMessage(channel: string, message: unknown, transfer?: MessagePort[]): void {
      const args = codec.encode([message])
      tell({ type: 'message', channel, args, ports: transferred(transfer ?? []).map(adopt) })
    },
    invoke(channel: string, ...args: unknown[]): Promise<unknown> {
      lastInvoke += 1
      const id = lastInvoke
      tell({ type: 'invoke', id, channel, args: codec.encode(args) })
      return new Promise((resolve, reject) => pending.set(id, { resolve, reject }))
    },
  })

  const check = (value: unknown): void => {
    if (typeof value === 'function') throw missing('function through the context bridge')
    if (typeof value === 'symbol') throw new Error('An object could not be cloned.')
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(check)
  }
  const exposed = new Set<string>()
  const contextBridge = guard('contextBridge', {
    exposeInMainWorld(apiKey: string, api: unknown): void {
      if (exposed.has(apiKey))
        throw new Error('Cannot bind an API on top of an existing property on the window object')
      exposed.add(apiKey)
      check(api)
      document.dispatchEvent(
        new CustomEvent(setup.eventName, { detail: { key: apiKey, json: JSON.stringify(api) } }),
      )
    },
  })

  const receive = (message: ToPage): void => {
    switch (message.type) {
      case 'message': {
        const event = guard('IpcRendererEvent', { sender: ipcRenderer, ports: message.ports.map(arrive) })
        const args = codec.decode(message.args) as unknown[]
        const found = listeners.get(message.channel) ?? []
        listeners.set(
          message.channel,
          found.filter(each => !each.isOnce),
        )
        for (const { listener } of found) Reflect.apply(listener, undefined, [event, ...args])
        return
      }
      case 'answer': {
        const waiting = pending.get(message.id)
        pending.delete(message.id)
        if (message.error === null) waiting?.resolve(codec.decode(message.value))
        else waiting?.reject(new Error(message.error))
        return
      }
      case 'port-message':
        ports.get(message.port)?.postMessage(codec.decode(message.data), message.ports.map(arrive))
        return
      case 'port-close': {
        const port = ports.get(message.port)
        ports.delete(message.port)
        port?.close()
      }
    }
  }
  Reflect.set(globalThis, `${setup.binding}Receive`, receive)

  const electron = guard('electron (sandboxed)', { ipcRenderer, contextBridge })
  return {
    require(name) {
      if (['electron', 'electron/renderer', 'electron/common'].includes(name)) return electron
      if (/^(?:node:)?(?:events|timers|url)$/.test(name)) throw missing(`sandboxed module ${name}`)
      throw new Error(`module not found: ${name}`)
    },
    process: guard('process (sandboxed)', {
      type: 'renderer',
      sandboxed: true,
      contextIsolated: true,
      platform: setup.platform,
      versions: setup.versions,
      env: {},
    }),
    failed(error) {
      const message = error instanceof Error ? error.message : String(error)
      console.error(`Unable to load preload script: ${message}`)
      tell({ type: 'preload-error', message })
    },
  }
}
