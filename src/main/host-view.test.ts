import { expect, test } from 'vitest'
import { appState } from '../../test/support/app-state.ts'
import { hostLook, type HostView } from './host-view.ts'

test.each([
  [{ condition: 'running', state: appState([]) }, 'in-step', 'No folders yet'],
  [{ condition: 'starting' }, 'syncing', 'Starting'],
  [{ condition: 'restarting', reason: null }, 'error', 'Sync has ended and starts again'],
  [{ condition: 'silent' }, 'error', 'Sync does not answer'],
] satisfies [HostView, string, string][])('the tray of %j', (view, shape, line) => {
  expect(hostLook(view)).toMatchObject({ shape, line })
})

test('why it could not start is told in the tooltip', () => {
  const { detail } = hostLook({ condition: 'restarting', reason: 'The disk is full.' })
  expect(detail).toBe('Sync has ended and starts again. The disk is full.')
})
