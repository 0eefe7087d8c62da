/**
 * Firestore for the tests of one file: Google's own emulator where FIRESTORE_EMULATOR_HOST names one, our
 * stand-in otherwise. Each test has a project of its own, so that none has to clean up.
 */
import { createFirestoreAdapter, type FirestoreAdapter } from '../../../src/adapters/firestore/adapter.ts'
import type { Clock } from '../../../src/engine/ports/clock.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import { type FirestoreStandIn, startFirestore } from './stand-in.ts'

export interface Firestore {
  readonly host: string
  /** Null for Google's own emulator, which does nothing wrong on demand. */
  readonly standIn: FirestoreStandIn | null
  stop(): Promise<void>
}

let projects = 0

export async function openFirestore(): Promise<Firestore> {
  const host = process.env['FIRESTORE_EMULATOR_HOST'] ?? ''
  if (host !== '') return { host, standIn: null, stop: async () => {} }
  const standIn = await startFirestore()
  return { host: standIn.host, standIn, stop: () => standIn.stop() }
}

export function newProject(): string {
  return `demo-lockstep-${process.pid}-${++projects}`
}

export function openAdapter(
  emulatorHost: string,
  projectId: string,
  clock: Clock = nodeClock,
): FirestoreAdapter {
  return createFirestoreAdapter({
    credentialsPath: null,
    readKeyFile: () => null,
    emulatorHost,
    projectId,
    clock,
  })
}

/** Faults and costs are shown on our stand-in only. */
export const isGooglesEmulator = (process.env['FIRESTORE_EMULATOR_HOST'] ?? '') !== ''
