/** Lockstep's own files hold what the synced files hold, or their names: they are for their owner alone. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { OPEN_FILE } from '../../test/support/usual-modes.ts'
import { DEFAULT_RETENTION } from '../engine/core/retention.ts'
import { openStateStore } from '../platform/state/store.ts'
import { openProjectAdapter } from './open-adapter.ts'
import { loadProject } from './project.ts'
import { requireStateHome } from './state-home.ts'

let top: string
let home: string
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-modes-')))
  onTestFinished(() => rmSync(top, { recursive: true, force: true }))
  home = join(top, 'home')
})

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

describe.skipIf(process.platform === 'win32')('R16.10 for their owner alone', () => {
  test.each([
    [[]],
    [['app.json', 'activity.db-wal', 'folders']],
    [['confirmed-places.json', 'app.json.damaged']],
  ])('LOCKSTEP_HOME that was there before, open to others, with %j', names => {
    mkdirSync(home, { mode: 0o755 })
    for (const name of names) writeFileSync(join(home, name), '')
    requireStateHome({ LOCKSTEP_HOME: home })
    expect(modeOf(home)).toBe('700')
  })

  test('not where something else lies in it, or everybody may write', () => {
    mkdirSync(home, { mode: 0o755 })
    writeFileSync(join(home, 'app.json'), '')
    writeFileSync(join(home, 'somebody else'), '')
    requireStateHome({ LOCKSTEP_HOME: home })
    expect(modeOf(home)).toBe('755')
    const temporary = join(top, 'tmp')
    mkdirSync(temporary)
    chmodSync(temporary, 0o1777)
    requireStateHome({ LOCKSTEP_HOME: temporary })
    expect(modeOf(temporary)).toBe('777')
  })

  test('the state with its logs and its copies, also one that was open to others', async () => {
    const path = join(top, 'state.db')
    const before = openStateStore(path)
    await before.commit([{ kind: 'retention-set', retention: DEFAULT_RETENTION }])
    expect([path, `${path}-wal`].map(modeOf)).toEqual(['600', '600'])
    before.copyTo(join(top, 'copy.db'))
    expect(modeOf(join(top, 'copy.db'))).toBe('600')
    before.close()
    chmodSync(path, 0o644)
    openStateStore(path).close()
    expect(modeOf(path)).toBe('600')
  })

  test.each([
    ['where nobody has named its place', '', 'data/sync.db', '600'],
    ['as the umask says where somebody has', 'FILE_SYNC_SQLITE_PATH=data/sync.db', 'data/sync.db', OPEN_FILE],
  ])('the database %s', async (_, env, file, mode) => {
    const project = join(top, 'bot')
    mkdirSync(join(project, 'data'), { recursive: true })
    writeFileSync(join(project, 'data/sync-config.json'), '{ "syncFilePatterns": ["data/**"] }')
    writeFileSync(join(project, '.env'), `${env}\n`)
    const open = () =>
      openProjectAdapter(loadProject(project, { LOCKSTEP_HOME: home }), { LOCKSTEP_HOME: home })
    const adapter = await open()
    await adapter.query('app', 'shared')
    expect(['', '-wal', '-shm'].map(log => modeOf(join(project, file + log)))).toEqual([mode, mode, mode])
    await adapter.dispose?.()
    // What somebody has opened to others since stays open.
    chmodSync(join(project, file), 0o660)
    const again = await open()
    await again.query('app', 'shared')
    await again.dispose?.()
    expect(modeOf(join(project, file))).toBe('660')
  })
})
