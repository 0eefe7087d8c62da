import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder } from './make-folder.ts'

let top: string

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'lockstep-folder-'))
})

afterEach(() => {
  rmSync(top, { recursive: true })
})

test('a folder is made with those above it, for the owner alone, and left as it is where it is there', () => {
  const folder = join(top, 'a/b/c')
  makeFolder(folder)
  makeFolder(folder)
  expect(statSync(folder).isDirectory()).toBe(true)
  if (process.platform !== 'win32') expect(statSync(join(top, 'a')).mode & 0o777).toBe(0o700)
})

test('a file in the way is the error of the system', () => {
  writeFileSync(join(top, 'file'), '')
  expect(() => makeFolder(join(top, 'file'))).toThrow(/EEXIST/)
  expect(() => makeFolder(join(top, 'file/below'))).toThrow(/EEXIST|ENOTDIR/)
})

// With `recursive` this one does not come back.
test.runIf(existsSync('/proc/self'))('R13.3 where nothing can be made, that is an error at once', () => {
  expect(() => makeFolder('/proc/lockstep/home')).toThrow(/ENOENT|EPERM|EACCES/)
})
