/**
 * The contract, on the vendor's client against the stand-in (`test/support/firestore`): that conditions hold,
 * that listeners tell and resume, that pages follow each other proves our proxy; that fields, filters and
 * counts come back proves the emulator behind it. With FIRESTORE_EMULATOR_HOST set, Google's emulator does it
 * all, and cases that need a fault are skipped.
 */
import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll } from 'vitest'
import { type Firestore, newProject, openAdapter, openFirestore } from '../../support/firestore/harness.ts'
import { adapterContract } from '../adapter-contract.ts'

let firestore: Firestore
beforeAll(async () => {
  firestore = await openFirestore()
})
afterAll(async () => {
  await firestore.stop()
})

adapterContract('Firestore', async () => {
  const { host, standIn } = firestore
  const project = newProject()
  const other = openAdapter(host, project)
  const common = { other, isComplete: true, cleanUp: async () => {} }
  if (standIn === null) return { ...common, adapter: openAdapter(host, project) }
  const gate = await standIn.openGate()
  return {
    ...common,
    adapter: openAdapter(gate.host, project),
    cut: () => gate.cut(),
    reconnect: () => gate.reopen(),
    async openDenied() {
      standIn.refuse(project, {
        code: status.PERMISSION_DENIED,
        message: 'Missing or insufficient permissions.',
      })
      return { adapter: openAdapter(host, project), secret: '' }
    },
    async openWithoutTable() {
      standIn.refuse(project, {
        code: status.NOT_FOUND,
        message: `The database (default) does not exist for project ${project}`,
      })
      return openAdapter(host, project)
    },
  }
})
