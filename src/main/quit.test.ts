import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Ending as EndingClass } from './quit.ts'

const app = Object.assign(new EventEmitter(), {
  exit: vi.fn<(code: number) => void>(),
  /** As Electron: asks, and ends where nobody objects. */
  quit: vi.fn<() => void>(() => {
    const event = { isPrevented: false, preventDefault: () => (event.isPrevented = true) }
    app.emit('before-quit', event)
    if (!event.isPrevented) app.emit('quit')
  }),
})
vi.mock('electron', () => ({ app }))

const log = { debug: vi.fn(), info: vi.fn(), error: vi.fn() }
const cutOff = vi.fn()
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** Those of the test runner stay. */
let before: ReadonlySet<NodeJS.SignalsListener>
let Ending: typeof EndingClass

beforeEach(async () => {
  vi.useFakeTimers()
  before = new Set(SIGNALS.flatMap(signal => process.listeners(signal)))
  ;({ Ending } = await import('./quit.ts'))
})
afterEach(() => {
  vi.useRealTimers()
  app.removeAllListeners()
  app.exit.mockClear()
  log.error.mockClear()
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) {
      if (!before.has(listener)) process.off(signal, listener)
    }
  }
})

test('R1 the window goes at once, the engines flush, then the app ends by itself', async () => {
  const hide = vi.fn()
  const quit = vi.fn()
  const { promise, resolve } = Promise.withResolvers<void>()
  const close = vi.fn(() => promise)
  new Ending({ log, hide, close, cutOff }).follow()
  app.on('quit', quit)
  app.quit()
  app.quit()
  expect(hide).toHaveBeenCalledOnce()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(quit).not.toHaveBeenCalled()
  resolve()
  await vi.advanceTimersByTimeAsync(1)
  expect(close).toHaveBeenCalledOnce()
  expect(quit).toHaveBeenCalled()
  expect(log.error).not.toHaveBeenCalled()
})

test('a log-out is not refused: the engines are asked to stop, and the app ends with them or without', async () => {
  const quit = vi.fn()
  const hide = vi.fn()
  const close = vi.fn(() => new Promise<void>(() => {}))
  const ending = new Ending({ log, hide, close, cutOff })
  ending.follow()
  app.on('quit', quit)
  ending.expectSessionEnd()
  expect(hide, 'it is not yet asked to quit').not.toHaveBeenCalled()
  app.quit()
  expect(quit).toHaveBeenCalledOnce()
  expect(close).toHaveBeenCalledOnce()
  await vi.advanceTimersByTimeAsync(10_000)
})

test('R1 after a log-out that another program has refused, quitting waits for the engines again', async () => {
  const quit = vi.fn()
  const ending = new Ending({ log, hide: () => {}, close: () => Promise.resolve(), cutOff })
  ending.follow()
  app.on('quit', quit)
  ending.expectSessionEnd()
  await vi.advanceTimersByTimeAsync(60_000)
  app.quit()
  expect(quit).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(quit).toHaveBeenCalledOnce()
})

test('Windows ends the session without asking: the engines are stopped at once', async () => {
  const close = vi.fn(() => Promise.resolve())
  const ending = new Ending({ log, hide: () => {}, close, cutOff })
  ending.endWithSession()
  await vi.advanceTimersByTimeAsync(1)
  expect(close).toHaveBeenCalledOnce()
})

test('an engine that hangs is cut off after five seconds', async () => {
  const quit = vi.fn()
  new Ending({ log, hide: () => {}, close: () => new Promise(() => {}), cutOff }).follow()
  app.on('quit', quit)
  app.quit()
  await vi.advanceTimersByTimeAsync(4_900)
  expect(quit).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(200)
  expect(quit).toHaveBeenCalledOnce()
  expect(log.error).toHaveBeenCalledOnce()
})

test('an engine that fails to end does not keep the app', async () => {
  const quit = vi.fn()
  new Ending({ log, hide: () => {}, close: () => Promise.reject(new Error('disk')), cutOff }).follow()
  app.on('quit', quit)
  app.quit()
  await vi.advanceTimersByTimeAsync(1)
  expect(quit).toHaveBeenCalledOnce()
  expect(log.error).toHaveBeenCalledOnce()
})

test('what then keeps Electron is cut off, too', async () => {
  new Ending({ log, hide: () => {}, close: () => Promise.resolve(), cutOff }).follow()
  app.quit()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(app.exit).toHaveBeenCalledWith(0)
})
