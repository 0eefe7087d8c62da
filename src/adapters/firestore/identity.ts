/**
 * The database's own name: project, database, and what one small document beside the files says.
 *
 * The document goes with everything else when a database is emptied, and does not exist in a new one at the
 * same place, so either has another name (R8). One that was restored from an export has been created later
 * than it says of itself, and so another name, too. It is made with the first write, never by looking: until
 * then the name is the one that it will have.
 */
import { randomUUID } from 'node:crypto'
import type { FirestoreClient } from './client.ts'
import { GRPC, statusError } from './errors.ts'
import { nanosOf, type WireDocument } from './wire.ts'

const META_COLLECTION = 'lockstep_meta'
const META_ID = 'database'
const NOTE =
  'Lockstep knows this database by this document. If it is deleted, files that are missing here are held until you approve.'
/** The service's two clocks for one write differ by less, in nanoseconds: a minute. */
const SAME_TIME = 60_000_000_000n

/** Of a database that nobody has named, for whoever only looks. */
const NO_NAME = 'unnamed'

export class Identity {
  readonly #client: FirestoreClient
  readonly #isPreview: boolean

  constructor(client: FirestoreClient, isPreview: boolean) {
    this.#client = client
    this.#isPreview = isPreview
  }

  async read(): Promise<string> {
    const { projectId, databaseId } = await this.#client.place()
    return `${projectId}/${databaseId}/${await this.#part()}`
  }

  async #part(): Promise<string> {
    const [document = null] = await this.#client.get([await this.#name()])
    if (document !== null) return partOf(document)
    if (this.#isPreview) return NO_NAME
    await this.#make()
    const [made = null] = await this.#client.get([await this.#name()])
    return made === null ? NO_NAME : partOf(made)
  }

  /** Another device may make it at the same time: then the name is that one's. */
  async #make(): Promise<void> {
    const [outcome] = await this.#client.write([
      {
        update: {
          name: await this.#name(),
          fields: { id: { stringValue: randomUUID() }, note: { stringValue: NOTE } },
        },
        updateTransforms: [{ fieldPath: 'madeAt', setToServerValue: 'REQUEST_TIME' }],
        currentDocument: { exists: false },
      },
    ])
    const code = outcome?.status.code ?? GRPC.ok
    if (code === GRPC.ok || code === GRPC.alreadyExists) return
    throw statusError(code, outcome?.status.message ?? '', await this.#client.place())
  }

  #name(): Promise<string> {
    return this.#client.nameOf(META_ID, META_COLLECTION)
  }
}

function partOf({ fields, createTime }: WireDocument): string {
  const id = fields?.['id']?.stringValue ?? ''
  const created = nanosOf(createTime)
  const difference = created - nanosOf(fields?.['madeAt']?.timestampValue)
  const isOriginal = difference < SAME_TIME && difference > -SAME_TIME
  return isOriginal ? id : `${id}.${created}`
}
