/** What a device's commits are made to do. */
import { expect } from 'vitest'
import type { StateChange } from '../../src/engine/ports/state-store.ts'
import type { MemoryStateStore } from '../fakes/memory-state-store.ts'
import type { MemoryDevice } from './memory-devices.ts'

class Killed extends Error {
  override readonly name = 'Killed'
}

/** Dies at the first commit that has such a change in it: nothing of that commit is kept. */
export async function killedAt(
  device: MemoryDevice,
  isFatal: (change: StateChange) => boolean,
): Promise<void> {
  await withCommits(
    device,
    async (commit, changes) => {
      if (changes.some(isFatal)) throw new Killed()
      await commit(changes)
    },
    () => expect(device.sync()).rejects.toThrow(Killed),
  )
}

/** Dies right after the first commit that has such a change in it. */
export async function killedAfter(
  device: MemoryDevice,
  isFatal: (change: StateChange) => boolean,
): Promise<void> {
  await withCommits(
    device,
    async (commit, changes) => {
      await commit(changes)
      if (changes.some(isFatal)) throw new Killed()
    },
    () => expect(device.sync()).rejects.toThrow(Killed),
  )
}

export const basesOf =
  (path: string) =>
  (change: StateChange): boolean =>
    change.kind === 'base-set' && change.path === path

/** As a state from before contents of bases were kept. */
export async function syncedWithoutContents(device: MemoryDevice): Promise<void> {
  await withCommits(
    device,
    (commit, changes) => commit(changes.filter(({ kind }) => kind !== 'base-content-put')),
    () => device.sync(),
  )
}

async function withCommits(
  { state }: MemoryDevice,
  commitAs: (commit: MemoryStateStore['commit'], changes: readonly StateChange[]) => Promise<void>,
  work: () => Promise<unknown>,
): Promise<void> {
  const commit = state.commit.bind(state)
  state.commit = changes => commitAs(commit, changes)
  await work()
  delete (state as Partial<Pick<MemoryStateStore, 'commit'>>).commit
}
