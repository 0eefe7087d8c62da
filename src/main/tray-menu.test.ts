import { expect, test } from 'vitest'
import type { AppState } from '../contract/state.ts'
import { appState, folderState } from '../../test/support/app-state.ts'
import { type TrayAction, trayMenu, type TrayRow } from './tray-menu.ts'

const menu = (state: AppState, canCheckForUpdates = false, lacksSandbox = false) =>
  trayMenu({ condition: 'running', state }, { canCheckForUpdates, lacksSandbox })

function labels(rows: readonly TrayRow[]): string[] {
  return rows.map(row => (row.kind === 'separator' ? '—' : row.label))
}

function find(rows: readonly TrayRow[], label: string): TrayRow | undefined {
  for (const row of rows) {
    if (row.kind !== 'separator' && row.label.startsWith(label)) return row
    const inside = row.kind === 'menu' ? find(row.rows, label) : undefined
    if (inside !== undefined) return inside
  }
  return undefined
}

function actionOf(rows: readonly TrayRow[], label: string): TrayAction | null {
  const row = find(rows, label)
  return row?.kind === 'action' && row.isEnabled ? row.action : null
}

const END = ['Open Lockstep', 'Settings…', 'Show logs', '—', 'Quit Lockstep']

test('without a folder: the line, and what is always there', () => {
  expect(labels(menu(appState([])))).toEqual(['No folders yet', '—', ...END])
})

test('each folder has its state, and what can be done with it', () => {
  const rows = menu(appState([folderState()]))
  expect(labels(rows)).toEqual([
    'Everything is in step',
    '—',
    'mail-agent – In step',
    '—',
    'Pause all',
    '—',
    ...END,
  ])
  const folder = find(rows, 'mail-agent')
  expect(folder?.kind === 'menu' && labels(folder.rows)).toEqual([
    'Show in Lockstep',
    'Open folder',
    'Sync now',
    'Pause',
  ])
  expect(actionOf(rows, 'Sync now')).toEqual({ type: 'sync-now', id: 'f1' })
  expect(actionOf(rows, 'For 1 hour')).toEqual({ type: 'pause-all', ms: 3_600_000 })
  expect(actionOf(rows, 'Until resumed')).toEqual({ type: 'pause-all', ms: null })
})

test('R6 conflicts come first and lead to their folder', () => {
  const rows = menu(appState([folderState({ id: 'a' }), folderState({ id: 'b', conflicts: 3 })]))
  expect(labels(rows).slice(0, 3)).toEqual(['mail-agent: 3 conflicts', 'Resolve 3 conflicts…', '—'])
  expect(actionOf(rows, 'Resolve 3 conflicts…')).toEqual({
    type: 'show',
    place: { view: 'folder', id: 'b', tab: 'conflicts' },
  })
})

test('R8 held changes lead to the hold, an untrusted adapter to the backend', () => {
  const held = menu(appState([folderState({ holds: 30 })]))
  expect(actionOf(held, 'Look at 30 held changes…')).toEqual({
    type: 'show',
    place: { view: 'folder', id: 'f1', tab: 'hold' },
  })
  const untrusted = { path: 'adapter.ts', hash: 'a'.repeat(64), imports: [] }
  const custom = menu(appState([folderState({ state: 'error', untrusted })]))
  expect(actionOf(custom, 'See what is wrong…')).toEqual({
    type: 'show',
    place: { view: 'folder', id: 'f1', tab: 'backend' },
  })
})

test('what is paused resumes, and does not sync', () => {
  const alone = menu(appState([folderState({ state: 'paused', paused: 'folder' })]))
  expect(actionOf(alone, 'Resume')).toEqual({ type: 'resume', id: 'f1' })
  expect(actionOf(alone, 'Sync now')).toBeNull()
  const all = menu(
    appState([folderState({ state: 'paused', paused: 'all' })], { pausedAll: { until: null } }),
  )
  expect(actionOf(all, 'Resume all')).toEqual({ type: 'resume-all' })
  expect(find(all, 'Pause all')).toBeUndefined()
  expect(actionOf(all, 'Pause')).toBeNull()
})

test('many folders do not leave the screen', () => {
  const many = Array.from({ length: 25 }, (_, index) => folderState({ id: `f${index}`, name: `p${index}` }))
  const rows = menu(appState(many))
  expect(rows.length).toBeLessThan(25)
  const more = find(rows, '15 more folders')
  expect(more?.kind === 'menu' && more.rows).toHaveLength(15)
  expect(find(rows, 'p24')).toBeDefined()
})

test('updates are offered where there is a feed', () => {
  expect(actionOf(menu(appState([])), 'Check for updates…')).toBeNull()
  expect(actionOf(menu(appState([]), true), 'Check for updates…')).toEqual({ type: 'check-for-updates' })
})

test('an open menu is not exchanged while numbers run', () => {
  const at = (pending: number) => menu(appState([folderState({ state: 'syncing', pending })]))
  expect(at(7)).toEqual(at(4_000))
})

test('R12.7 a folder is named without what misleads, and isolated where it reads from right to left', () => {
  const rows = menu(
    appState([
      folderState({ name: 'a\u202egnp.exe' }),
      folderState({ id: 'f2', name: 'שלום', conflicts: 3 }),
    ]),
  )
  expect(labels(rows)).toEqual(
    expect.arrayContaining([
      '\u2068שלום\u2069: 3 conflicts',
      String.raw`a\u202egnp.exe – In step`,
      '\u2068שלום\u2069 – 3 conflicts',
    ]),
  )
})

test('where Chromium has no sandbox a row tells why', () => {
  expect(actionOf(menu(appState([]), false, true), 'The window has no sandbox')).toEqual({
    type: 'explain-sandbox',
  })
  expect(find(menu(appState([])), 'The window has no sandbox')).toBeUndefined()
})

const OPTIONS = { canCheckForUpdates: false, lacksSandbox: false }

test('R13.1 without a host there are no folders, but the window, the log and the end; and a way to start it again', () => {
  expect(labels(trayMenu({ condition: 'starting' }, OPTIONS))).toEqual(['Starting', '—', ...END])
  const restarting = trayMenu({ condition: 'restarting', reason: null }, OPTIONS)
  expect(labels(restarting)).toEqual(['Sync has ended and starts again', 'Restart sync', '—', ...END])
  const silent = trayMenu({ condition: 'silent' }, OPTIONS)
  expect(labels(silent)).toEqual(['Sync does not answer', 'Restart sync', '—', ...END])
  expect(actionOf(silent, 'Restart sync')).toEqual({ type: 'restart-sync' })
})
