import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppFile } from './app-file.ts'

let home: string
let logged: string[]

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lockstep-app-'))
  logged = []
})

afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

const SOUND = {
  folders: [
    { id: '1', path: '/a', isPaused: true, isSample: false },
    { id: '2', path: '/b', isPaused: false, isSample: false },
  ],
  pausedAll: { until: 5 },
  settings: {
    theme: 'dark',
    startAtLogin: true,
    notifications: { conflicts: true, holds: false, errors: true, recovery: false },
    history: { days: 365, megabytes: 2_000 },
    logLevel: 'debug',
    closeExplained: true,
  },
}

function open(content: unknown): AppFile {
  writeFileSync(join(home, 'app.json'), typeof content === 'string' ? content : JSON.stringify(content))
  const log = (message: string): void => void logged.push(message)
  return new AppFile(home, { debug: log, info: log, error: log })
}

function inFile(): unknown {
  return JSON.parse(readFileSync(join(home, 'app.json'), 'utf8'))
}

test('what is sound is read as it stands, also as some editors save it', () => {
  expect(open(SOUND).now).toEqual(SOUND)
  expect(open(`\ufeff${JSON.stringify(SOUND)}`).now).toEqual(SOUND)
  expect(logged).toEqual([])
})

describe('R13.6 one key', () => {
  test.each([
    ['settings.theme', { ...SOUND, settings: { ...SOUND.settings, theme: 'blue' } }, { theme: 'system' }],
    [
      'settings.history.days',
      { ...SOUND, settings: { ...SOUND.settings, history: { days: 0, megabytes: 2_000 } } },
      { history: { days: 30, megabytes: 2_000 } },
    ],
    [
      'settings.notifications',
      { ...SOUND, settings: { ...SOUND.settings, notifications: 'all' } },
      { notifications: { conflicts: true, holds: true, errors: true, recovery: true } },
    ],
  ])('%s that is odd leaves all others alone, and is told', (place, content, expected) => {
    const { now } = open(content)
    expect(now).toEqual({ ...SOUND, settings: { ...SOUND.settings, ...expected } })
    expect(logged).toHaveLength(1)
    expect(logged[0]).toContain(place)
  })

  test('that is missing leaves all others alone', () => {
    const { closeExplained: _, ...settings } = SOUND.settings
    const { holds: __, ...notifications } = settings.notifications
    const { now } = open({ ...SOUND, settings: { ...settings, notifications } })
    expect(now.settings).toEqual({
      ...SOUND.settings,
      closeExplained: false,
      notifications: { ...SOUND.settings.notifications, holds: true },
    })
    expect(logged).toEqual([])
  })

  test.each([
    ['pausedAll', { ...SOUND, pausedAll: 'yes' }, { ...SOUND, pausedAll: null }],
    ['settings', { ...SOUND, settings: 7 }, null],
    ['folders', { ...SOUND, folders: { a: 1 } }, { ...SOUND, folders: [] }],
    [
      'folders[0].isPaused',
      { ...SOUND, folders: [{ ...SOUND.folders[0], isPaused: 'no' }, SOUND.folders[1]] },
      { ...SOUND, folders: [{ ...SOUND.folders[0], isPaused: false }, SOUND.folders[1]] },
    ],
    ['folders[0]', { ...SOUND, folders: [{ id: '9' }, ...SOUND.folders] }, { ...SOUND }],
  ])('%s that is odd takes nothing else along', (place, content, expected) => {
    const { now } = open(content)
    if (expected === null) expect(now).toMatchObject({ folders: SOUND.folders, pausedAll: SOUND.pausedAll })
    else expect(now).toEqual(expected)
    expect(logged[0]).toContain(place)
  })
})

test('R13.6 what this version does not know stays in the file', () => {
  const file = open({
    ...SOUND,
    later: { a: 1 },
    settings: { ...SOUND.settings, density: 'compact', history: { ...SOUND.settings.history, files: 3 } },
    folders: [{ ...SOUND.folders[0], colour: 'red' }, SOUND.folders[1], { id: 'odd' }],
  })
  file.changeFolder('1', { isPaused: false })
  file.change({ settings: { ...file.now.settings, theme: 'light' } })
  expect(inFile()).toEqual({
    ...SOUND,
    later: { a: 1 },
    settings: {
      ...SOUND.settings,
      theme: 'light',
      density: 'compact',
      history: { ...SOUND.settings.history, files: 3 },
    },
    folders: [{ ...SOUND.folders[0], isPaused: false, colour: 'red' }, SOUND.folders[1], { id: 'odd' }],
  })
  file.change({ folders: file.now.folders.filter(({ id }) => id !== '1') })
  expect(inFile()).toMatchObject({ folders: [SOUND.folders[1], { id: 'odd' }] })
})

test('what is no JSON is set aside, and the app begins anew', () => {
  expect(open('{"folders": [').now.folders).toEqual([])
  expect(readdirSync(home)).toContain('app.json.damaged')
})

test('R13.3 the file is written again where LOCKSTEP_HOME was removed', () => {
  const file = open(SOUND)
  rmSync(home, { recursive: true })
  file.change({ pausedAll: null })
  expect(inFile()).toEqual({ ...SOUND, pausedAll: null })
})
