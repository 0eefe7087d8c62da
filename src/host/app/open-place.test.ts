import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPlace } from './open-place.ts'
import type { ShellPort } from './shell-port.ts'

const info: ShellPort['info'] = {
  kind: 'daemon',
  canPickFolder: false,
  canOpen: true,
  canStartAtLogin: false,
  hasNotifications: false,
  hasTray: false,
  platform: 'linux',
}
let folder: string
let asked: string[]
let shell: ShellPort

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-open-')))
  asked = []
  shell = {
    info,
    open: async path => void asked.push(`open ${path}`),
    reveal: async path => void asked.push(`reveal ${path}`),
  }
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('R11 a text and a folder are opened, a file that a system might run is only shown', async () => {
  const [text, program, inner] = ['notes.md', 'run.desktop', 'inner'].map(name => join(folder, name))
  writeFileSync(text!, '')
  writeFileSync(program!, '')
  mkdirSync(inner!)
  await openPlace(shell, text!)
  await openPlace(shell, program!)
  await openPlace(shell, inner!)
  expect(asked).toEqual([`open ${text}`, `reveal ${program}`, `open ${inner}`])
})

test('what is gone, and a machine without a file manager, are said', async () => {
  await expect(openPlace(shell, join(folder, 'gone.md'))).rejects.toThrow('is not there any more')
  await expect(openPlace({ info }, folder)).rejects.toThrow('cannot be opened from here')
  expect(asked).toEqual([])
})
