import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFileAtomically } from './atomic-file.ts'
import { folderHome, lockstepHome, logFolder } from './home.ts'

const isWindows = process.platform === 'win32'
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-atomic-'))
  path = join(folder, '.env')
})

afterEach(() => rmSync(folder, { recursive: true }))

test('writes a new file whole and leaves nothing beside it', () => {
  writeFileAtomically(path, 'A=ü\r\n', { mode: 0o600 })
  expect(readFileSync(path, 'utf8')).toBe('A=ü\r\n')
  expect(readdirSync(folder)).toEqual(['.env'])
  if (!isWindows) expect(statSync(path).mode & 0o777).toBe(0o600)
})

test.skipIf(isWindows)('an existing file keeps its mode, whatever is asked for', () => {
  writeFileSync(path, 'old')
  chmodSync(path, 0o664)
  writeFileAtomically(path, 'new', { mode: 0o600 })
  expect(statSync(path).mode & 0o777).toBe(0o664)
  expect(readFileSync(path, 'utf8')).toBe('new')
})

test.skipIf(isWindows || process.getuid?.() !== 0)(
  'an existing file keeps its owner where that may be',
  () => {
    writeFileSync(path, 'old')
    chownSync(path, 1234, 5678)
    writeFileAtomically(path, 'new')
    expect(statSync(path)).toMatchObject({ uid: 1234, gid: 5678 })
  },
)

test('a link stays a link, and its target changes', () => {
  mkdirSync(join(folder, 'shared'))
  writeFileSync(join(folder, 'shared/env'), 'old')
  symlinkSync(join('shared', 'env'), path)
  writeFileAtomically(path, 'new')
  expect(lstatSync(path).isSymbolicLink()).toBe(true)
  expect(readFileSync(join(folder, 'shared/env'), 'utf8')).toBe('new')
  expect(readdirSync(join(folder, 'shared'))).toEqual(['env'])
})

test.skipIf(isWindows)('a file that is new takes the place of whatever is there', () => {
  const theirs = join(folder, 'theirs')
  writeFileSync(theirs, 'old')
  chmodSync(theirs, 0o666)
  symlinkSync(theirs, path)
  writeFileAtomically(path, 'new', { mode: 0o600, isNew: true })
  expect([lstatSync(path).isFile(), readFileSync(theirs, 'utf8')]).toEqual([true, 'old'])
  writeFileAtomically(theirs, 'new', { mode: 0o600, isNew: true })
  expect([path, theirs].map(file => statSync(file).mode & 0o777)).toEqual([0o600, 0o600])
})

test('where it fails, the old text stays and nothing is left behind', () => {
  mkdirSync(path)
  expect(() => writeFileAtomically(path, 'new')).toThrow()
  expect(readdirSync(folder)).toEqual(['.env'])
  expect(() => writeFileAtomically(join(folder, 'no', 'such', 'file'), 'new')).toThrow(/ENOENT/)
})

test('the home is LOCKSTEP_HOME, or the platform decides', () => {
  expect(lockstepHome({ LOCKSTEP_HOME: folder })).toBe(folder)
  expect(lockstepHome({ LOCKSTEP_HOME: '' })).toMatch(/lockstep/)
  expect(lockstepHome({})).not.toMatch(/nodejs/)
  expect(logFolder(folder)).toBe(join(folder, 'logs'))
})

test('each project has a folder of its own', () => {
  const one = folderHome(folder, '/projects/one')
  expect(one).toMatch(/[\\/]folders[\\/][\da-f]{16}$/)
  expect(folderHome(folder, '/projects/one')).toBe(one)
  expect(folderHome(folder, '/projects/two')).not.toBe(one)
})
