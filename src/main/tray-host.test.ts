import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hasTrayHost } from './tray-host.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-bus-'))
  // Only what a test puts there can be asked.
  vi.stubEnv('PATH', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, name), 0o755)
}

test('LOCKSTEP_TRAY overrules the desktop', async () => {
  program('busctl', 'echo "b true"')
  expect(await hasTrayHost('linux', { LOCKSTEP_TRAY: 'no' })).toBe(false)
  expect(await hasTrayHost('linux', { LOCKSTEP_TRAY: 'yes' })).toBe(true)
})

test('macOS and Windows always have one', async () => {
  expect(await hasTrayHost('darwin', {})).toBe(true)
  expect(await hasTrayHost('win32', {})).toBe(true)
})

test.skipIf(process.platform === 'win32')('the bus is asked by whichever program is there', async () => {
  expect(await hasTrayHost('linux', {})).toBe(false)
  program('dbus-send', 'echo "   variant       boolean true"')
  expect(await hasTrayHost('linux', {})).toBe(true)
  program('gdbus', 'echo "(<false>,)"')
  expect(await hasTrayHost('linux', {})).toBe(false)
  program('busctl', 'echo "b true"')
  expect(await hasTrayHost('linux', {})).toBe(true)
  program('busctl', 'echo "Call failed: no such service" >&2; exit 1')
  expect(await hasTrayHost('linux', {})).toBe(false)
})
