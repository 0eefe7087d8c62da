import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { acquireEngineLock } from '../platform/engine-lock.ts'
import { folderHome } from '../platform/home.ts'
import { openStateStore } from '../platform/state/store.ts'
import { stateFolderOf } from './moved-project.ts'
import { projectIdentity } from './project-identity.ts'
import { loadProject } from './project.ts'
import { rememberProject } from './remembered-project.ts'

let top: string
let home: string

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-moved-')))
  home = join(top, 'home')
})

afterEach(() => rmSync(top, { recursive: true, force: true }))

/** A project that an engine has had in step, with its database in it. */
function known(name: string): string {
  const folder = join(top, name)
  mkdirSync(join(folder, 'data'), { recursive: true })
  writeFileSync(join(folder, 'data/sync-config.json'), '{"syncFilePatterns":["data/**"]}')
  const project = loadProject(folder, { LOCKSTEP_HOME: home })
  const state = openStateStore(join(stateFolderOf(home, folder), 'state.db'))
  state.openScope({
    database: `drizzle ${project.database.description}`,
    appId: 'app',
    ownerId: 'shared',
    channel: 'shared',
  })
  state.close()
  rememberProject(folderHome(home, folder), project)
  return folder
}

const hasState = (folder: string): boolean => existsSync(join(stateFolderOf(home, folder), 'state.db'))

/** Whether the file system can prove a move. */
const canProve = (folder: string): boolean => projectIdentity(folder) !== null

describe('R4.13 the state of a project folder', () => {
  test('goes with it, and its database is known by its new place', context => {
    const [before, after] = [known('before'), join(top, 'after')]
    if (!canProve(before)) context.skip('this file system has no birth times')
    renameSync(before, after)
    expect(hasState(after)).toBe(true)
    const state = openStateStore(join(folderHome(home, after), 'state.db'))
    expect(state.scopeKey(1).database).toBe(`drizzle ${join(after, 'data/sync.db')}`)
    state.close()
    // And back, before any engine has been there.
    renameSync(after, before)
    expect(hasState(before)).toBe(true)
    const back = openStateStore(join(folderHome(home, before), 'state.db'))
    expect(back.scopeKey(1).database).toBe(`drizzle ${join(before, 'data/sync.db')}`)
    back.close()
  })

  test('stays with it where a copy is made, or another way leads to it', () => {
    const before = known('before')
    cpSync(before, join(top, 'copy'), { recursive: true, preserveTimestamps: true })
    symlinkSync(before, join(top, 'link'))
    expect([hasState(join(top, 'copy')), hasState(join(top, 'link')), hasState(before)]).toEqual([
      false,
      false,
      true,
    ])
  })

  test('does not go to a folder that only took the name', () => {
    const before = known('before')
    renameSync(before, join(top, 'aside'))
    cpSync(join(top, 'aside'), join(top, 'other'), { recursive: true, preserveTimestamps: true })
    expect(hasState(join(top, 'other'))).toBe(false)
  })

  test('waits for an engine that still holds the former place', async context => {
    const [before, after] = [known('before'), join(top, 'after')]
    if (!canProve(before)) context.skip('this file system has no birth times')
    const lock = await acquireEngineLock(folderHome(home, before), {
      pid: process.pid,
      startedAt: 0,
      command: 'test',
    })
    renameSync(before, after)
    expect(() => stateFolderOf(home, after)).toThrow(/is held by process/)
    if ('release' in lock) lock.release()
    expect(hasState(after)).toBe(true)
  })
})
