/**
 * A Firestore for tests: `@firestore-emulator/server` keeps the documents and answers what is read of them,
 * behind a gRPC proxy of ours.
 *
 * The emulator's part: storing fields, filters, reads by name, counts. Ours, because the emulator ignores or
 * lacks it: preconditions, the results of `BatchWrite`, sizes and names, times, order, cursors, limits and
 * masks of queries, and all of `Listen`. So a test that passes here proves the adapter against this reading of
 * Google's documentation, not against Google's service: what the service does under load, its indexes, its
 * permissions and its own timing are not shown.
 */
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { startEmulator } from './emulator.ts'
import type { Fault, Faults, Meter } from './faults.ts'
import { type Gate, openGate } from './gate.ts'
import { type Document, METHODS } from './protocol.ts'
import { Service } from './service.ts'

export interface FirestoreStandIn {
  /** `host:port` for FIRESTORE_EMULATOR_HOST. */
  readonly host: string
  readonly faults: Faults
  /** Since the last call of this. */
  takeMeter(): Meter
  /** One more way in, which can be cut by itself. */
  openGate(): Promise<Gate>
  /** Ends all listeners as a failing service does. */
  endListeners(fault: Fault): void
  /** Whatever is asked of this project fails from now on. */
  refuse(project: string, fault: Fault): void
  /** Empties a project as a person does, and gives what it held. */
  takeAll(project: string): Promise<readonly Document[]>
  /** Writes as an import does: each document is as it was, but made now. */
  restore(documents: readonly Document[], options: { readonly laterMs: number }): Promise<void>
  /** The next count that a resumed listener is told is wrong by so much. */
  miscount(by: number): void
  /** Listeners are not told of the next request's changes. */
  loseNextChange(): void
  /** No listener can be resumed from what was told before. */
  forgetPast(): void
  stop(): Promise<void>
}

export async function startFirestore(): Promise<FirestoreStandIn> {
  const emulator = await startEmulator()
  const service = new Service(emulator)
  const server = new Server({ 'grpc.max_receive_message_length': -1 })
  server.addService({ ...METHODS }, service.handlers())
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound)
      else reject(error)
    })
  })
  const gates: Gate[] = []
  return {
    host: `127.0.0.1:${port}`,
    faults: service.faults,
    takeMeter: () => service.takeMeter(),
    async openGate() {
      const gate = await openGate(port)
      gates.push(gate)
      return gate
    },
    endListeners: fault => service.endListeners(fault),
    refuse: (project, fault) => void service.refused.set(`projects/${project}/`, fault),
    takeAll: project => service.takeAll(project),
    restore: (documents, { laterMs }) => service.restore(documents, laterMs),
    miscount: by => void (service.miscount = by),
    loseNextChange: () => void (service.isDeaf = true),
    forgetPast: () => service.documents.forgetPast(),
    async stop() {
      for (const gate of gates) await gate.cut()
      service.close()
      server.forceShutdown()
      emulator.stop()
    },
  }
}
