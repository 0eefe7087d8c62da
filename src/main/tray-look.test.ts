import { expect, test } from 'vitest'
import type { FolderState } from '../contract/state.ts'
import { appState, folderState } from '../../test/support/app-state.ts'
import { folderShape, folderWords, SHAPES, trayLook } from './tray-look.ts'

const holder = { pid: 7, startedAt: 0, command: 'lockstep watch' }
const fault = { code: 'config', message: 'It does not parse.', file: null, line: null }
const untrusted = { path: 'adapter.ts', hash: 'a'.repeat(64), imports: [] }

const rows: readonly [Partial<FolderState>, ReturnType<typeof folderShape>, string][] = [
  [{}, 'in-step', 'In step'],
  [{ state: 'syncing', pending: 3 }, 'syncing', 'Syncing'],
  [{ state: 'scanning' }, 'syncing', 'Syncing'],
  [{ state: 'starting' }, 'syncing', 'Syncing'],
  [{ state: 'idle', pending: 1 }, 'syncing', 'Syncing'],
  [{ state: 'offline', pending: 4 }, 'offline', 'Offline'],
  [{ state: 'paused', paused: 'folder' }, 'paused', 'Paused'],
  [{ state: 'paused', switchedOff: true }, 'paused', 'Switched off'],
  [{ state: 'error', heldBy: holder }, 'paused', 'Kept by another program'],
  [{ conflicts: 2 }, 'needs-you', '2 conflicts'],
  [{ holds: 1_240 }, 'needs-you', '1,240 changes held back'],
  [{ state: 'held' }, 'needs-you', 'Held back'],
  [{ state: 'error', untrusted }, 'needs-you', 'Its adapter waits for your trust'],
  [{ state: 'paused', paused: 'folder', conflicts: 1 }, 'needs-you', '1 conflict'],
  [{ state: 'error' }, 'error', 'Sync has stopped'],
  [{ state: 'error', fault, conflicts: 1 }, 'error', 'Sync has stopped'],
  // Files that do not sync, with their reasons, turn nothing yellow.
  [{ problems: 5 }, 'in-step', 'In step'],
]

test.each(rows)('R12 a folder %j looks %s: %s', (some, shape, words) => {
  const folder = folderState(some)
  expect(folderShape(folder)).toBe(shape)
  expect(folderWords(folder)).toBe(words)
})

test('every shape stands in the table', () => {
  expect(new Set(rows.map(([, shape]) => shape))).toEqual(new Set(SHAPES))
})

const inStep = folderState({ id: 'a', name: 'alpha' })
const offline = folderState({ id: 'b', name: 'beta', state: 'offline' })
const conflict = folderState({ id: 'c', name: 'gamma', conflicts: 2 })
const held = folderState({ id: 'd', name: 'delta', holds: 30 })
const broken = folderState({ id: 'e', name: 'epsilon', state: 'error' })
const paused = folderState({ id: 'f', name: 'zeta', state: 'paused', paused: 'folder' })

test.each([
  [[], { shape: 'in-step', count: 0, line: 'No folders yet' }],
  [[inStep], { shape: 'in-step', count: 0, line: 'Everything is in step' }],
  [[inStep, paused], { shape: 'in-step', count: 0, line: 'Everything is in step' }],
  [[paused], { shape: 'paused', count: 0, line: 'Paused' }],
  [[inStep, offline], { shape: 'offline', count: 0, line: 'Offline: beta' }],
  [[offline], { shape: 'offline', count: 0, line: 'Offline' }],
  [[inStep, offline, conflict], { shape: 'needs-you', count: 2, line: 'gamma: 2 conflicts' }],
  [[conflict, held], { shape: 'needs-you', count: 3, line: '3 decisions wait for you' }],
  [[conflict, broken], { shape: 'error', count: 2, line: 'Sync has stopped in epsilon' }],
] as const)('all folders together: %#', (folders, look) => {
  expect(trayLook(appState(folders))).toMatchObject(look)
})

test('all paused says until when', () => {
  const all = folderState({ state: 'paused', paused: 'all' })
  const until = Date.UTC(2026, 0, 1, 15, 40)
  expect(trayLook(appState([all], { pausedAll: { until } })).line).toBe('Paused until 15:40')
  expect(trayLook(appState([all], { pausedAll: { until: null } })).line).toBe('Paused')
})

test('the tooltip tells the numbers that run, and what else waits', () => {
  const syncing = folderState({ state: 'syncing', pending: 1_240 })
  expect(trayLook(appState([syncing])).detail).toBe('Syncing 1,240 changes')
  expect(trayLook(appState([inStep])).detail).toBe('Everything is in step')
  expect(trayLook(appState([conflict])).detail).toBe('gamma: 2 conflicts')
  expect(trayLook(appState([conflict, broken])).detail).toBe(
    'Sync has stopped in epsilon. 2 decisions wait for you',
  )
})
