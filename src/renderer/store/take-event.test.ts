import { describe, expect, it } from 'vitest'
import { appState, folderState } from '../../../test/support/app-state.ts'
import type { FolderState } from '../../contract/state.ts'
import { type Known, takeEvent } from './take-event.ts'

const folder = (id: string, pending = 0) => folderState({ id, pending })
const state = (...folders: FolderState[]) => appState(folders)

const known = (revision: number, ...folders: FolderState[]): Known => ({
  run: 'one',
  revision,
  state: state(...folders),
})

describe('takeEvent', () => {
  it('takes a snapshot when nothing is known', () => {
    const event = { type: 'snapshot', run: 'one', revision: 3, state: state(folder('a')) } as const
    expect(takeEvent(null, event)).toEqual(known(3, folder('a')))
  })

  it('ignores changes whose revision does not rise, and an older snapshot of the same run', () => {
    const now = known(5, folder('a'))
    const changes = [{ type: 'folder-removed', id: 'a' }] as const
    expect(takeEvent(now, { type: 'changes', run: 'one', revision: 5, changes: [...changes] })).toBe(now)
    expect(takeEvent(now, { type: 'snapshot', run: 'one', revision: 4, state: state() })).toBe(now)
  })

  it('takes a snapshot of a new run although its revision is lower', () => {
    const next = takeEvent(known(50, folder('a')), {
      type: 'snapshot',
      run: 'two',
      revision: 1,
      state: state(),
    })
    expect(next).toEqual({ run: 'two', revision: 1, state: state() })
  })

  it('ignores changes of a run it has no snapshot of', () => {
    const now = known(5, folder('a'))
    expect(takeEvent(now, { type: 'changes', run: 'two', revision: 9, changes: [] })).toBe(now)
    expect(takeEvent(null, { type: 'changes', run: 'two', revision: 9, changes: [] })).toBeNull()
  })

  it('applies changes in their order', () => {
    const next = takeEvent(known(1, folder('a'), folder('b')), {
      type: 'changes',
      run: 'one',
      revision: 2,
      changes: [
        { type: 'folder', folder: folder('a', 7) },
        { type: 'folder', folder: folder('c') },
        { type: 'order', ids: ['c', 'b', 'a'] },
        { type: 'folder-removed', id: 'b' },
      ],
    })
    expect(next).toEqual(known(2, folder('c'), folder('a', 7)))
  })
})
