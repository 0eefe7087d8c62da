/** Contents of files that programs run by themselves (R10.6): what this device has had, or somebody has said yes to, passes. */
import { runnableBy } from './core/runnable-files.ts'
import type { Gate } from './gate.ts'

const REASON = 'may-run-code'

export const runnableGate: Gate = {
  reason: REASON,
  side: 'local',
  watches: ({ trusted }, path) => runnableBy(path) !== null && trusted.patternFor(path) === null,
  passes: ({ ports: { state } }, path, digest) =>
    state.isTrusted({ reason: REASON, path, what: digest }) || state.wasHere(path, digest),
  allow: ({ path, digest }) => [{ kind: 'trust-add', trust: { reason: REASON, path, what: digest } }],
}
