/** What is held on a device of test/support/memory-devices, and a person's word about all of it. */
import { decidedDigest } from '../../src/engine/hold-back.ts'
import type { HoldRecord } from '../../src/engine/ports/state-store.ts'
import type { MemoryDevice } from './memory-devices.ts'

export function holdsOf({ state, scope }: MemoryDevice): HoldRecord[] {
  return state.loadHolds(scope)
}

/** About all that is held in the scope, as it is held now. */
export async function say(
  { state, scope: shared }: MemoryDevice,
  decision: 'approve' | 'restore',
  scope = shared,
): Promise<void> {
  for (const hold of state.loadHolds(scope)) {
    const { channel, side, path } = hold
    const decided = { channel, side, path, digest: decidedDigest(hold), decision }
    await state.commit([{ kind: 'decision-add', scope, decision: decided }])
  }
}

/** The same, carried out at once. */
export async function decide(
  device: MemoryDevice,
  decision: 'approve' | 'restore',
  scope = device.scope,
): Promise<void> {
  await say(device, decision, scope)
  await device.sync()
}
