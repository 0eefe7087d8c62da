import type { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Notifications } from './notifications.ts'

const electron = vi.hoisted(() => ({ isSupported: true, made: [] as EventEmitter[] }))
vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events')
  class Notification extends Emitter {
    static isSupported = () => electron.isSupported
    constructor() {
      super()
      electron.made.push(this)
    }
    show(): void {}
    close(): void {}
  }
  return { Notification }
})

const log = { debug: vi.fn(), info: vi.fn(), error: vi.fn() }
const TEXT = { title: 'Lockstep keeps running', body: 'In the tray.', key: 'close-explained' }

beforeEach(() => {
  vi.useFakeTimers()
  electron.made = []
})
afterEach(() => {
  vi.useRealTimers()
  electron.isSupported = true
})

function shown(): Promise<boolean> {
  return new Notifications(() => {}, log).show(TEXT, () => {})
}

test('what the system says that it has shown is shown', async () => {
  const answer = shown()
  electron.made[0]?.emit('show')
  expect(await answer).toBe(true)
})

test('a service that is dead, which Linux does not tell, has shown nothing', async () => {
  const answer = shown()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await answer).toBe(false)
})

test('one that has failed, or a system that has none, has shown nothing', async () => {
  const answer = shown()
  electron.made[0]?.emit('failed', {}, 'not allowed')
  expect(await answer).toBe(false)
  electron.isSupported = false
  expect(await shown()).toBe(false)
})
