import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { deniedBy } from '../../engine/core/denylist.ts'
import { loadProject } from '../project.ts'
import { trialOf } from './trial-database.ts'

let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-trial-')))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data', 'sync-config.json'), '{ "syncFilePatterns": ["data/**"] }\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('R3 a database that is not there yet is tried beside its place, and nothing is left', () => {
  const project = loadProject(folder, {})
  const { project: tried, remove } = trialOf(project)
  const path = tried.sqlitePath ?? ''
  expect(path).not.toBe(project.sqlitePath)
  expect(path.startsWith(join(folder, 'data'))).toBe(true)
  expect(deniedBy(path.slice(folder.length + 1)), 'R10').not.toBe(null)
  for (const suffix of ['', '-wal', '-shm']) writeFileSync(path + suffix, 'x')
  remove()
  expect(readdirSync(join(folder, 'data'))).toEqual(['sync-config.json'])
})

it('a database that is there is tried itself, and stays', () => {
  writeFileSync(join(folder, 'data', 'sync.db'), 'x')
  const project = loadProject(folder, {})
  const { project: tried, remove } = trialOf(project)
  remove()
  expect(tried).toBe(project)
  expect(existsSync(join(folder, 'data', 'sync.db'))).toBe(true)
})

it('a folder that nobody will make is left to the test to find', () => {
  writeFileSync(join(folder, '.env'), 'FILE_SYNC_SQLITE_PATH=elsewhere/sync.db\n')
  const project = loadProject(folder, {})
  expect(trialOf(project).project.sqlitePath).toBe(join(folder, 'elsewhere', 'sync.db'))
})
