/**
 * What the stand-in knows of the documents beside the emulator: their exact times, their past, and whether a
 * write is allowed. All that `@firestore-emulator/server` takes lightly is decided here: preconditions,
 * sizes, names, times that differ for any two writes.
 *
 * Limits: https://firebase.google.com/docs/firestore/quotas, sizes:
 * https://firebase.google.com/docs/firestore/storage-size
 */
import { status } from '@grpc/grpc-js'
import {
  type Document,
  type Fields,
  nanosOf,
  type Status,
  timestampOf,
  type Value,
  type Write,
} from './protocol.ts'

const DOCUMENT_BYTES = 1_048_576
const VALUE_BYTES = 1_048_487
const NAME_BYTES = 1_500

export interface Change {
  readonly name: string
  /** Nanoseconds since the epoch. */
  readonly at: bigint
  readonly before: Document | null
  readonly after: Document | null
}

/** A write that is not allowed, in the words of the real service. */
export class Refusal extends Error {
  readonly status: Required<Status>

  constructor(code: status, message: string) {
    super(message)
    this.status = { code, message }
  }
}

export class Documents {
  readonly #documents = new Map<string, Document>()
  #log: Change[] = []
  #forgottenUntil = 0n
  /** Never the epoch: of a service at which nothing was written yet it is the time all the same. */
  #lastTime = BigInt(Date.now()) * 1_000_000n
  #shiftMs = 0

  get(name: string): Document | null {
    return this.#documents.get(name) ?? null
  }

  all(): Iterable<Document> {
    return this.#documents.values()
  }

  /** The time of the newest write, or of the beginning, in nanoseconds. */
  get now(): bigint {
    return this.#lastTime
  }

  /** Microseconds, as the service's, and never twice the same. */
  tick(): bigint {
    const now = BigInt(Date.now() + this.#shiftMs) * 1_000_000n
    this.#lastTime = now > this.#lastTime ? now : this.#lastTime + 1_000n
    return this.#lastTime
  }

  /** Makes so many milliseconds pass. */
  pass(ms: number): void {
    this.#shiftMs += ms
  }

  /** Carries out all of the writes at one time, or throws `Refusal` and none. */
  write(writes: readonly Write[]): readonly Change[] {
    const at = this.tick()
    const staged = new Map<string, Document | null>()
    const changes = writes.map(write => {
      const name = write.update?.name ?? write.delete ?? ''
      const before = staged.has(name) ? (staged.get(name) ?? null) : this.get(name)
      const after = outcome(write, before, at)
      staged.set(name, after)
      return { name, at, before, after }
    })
    for (const change of changes) this.#record(change)
    return changes
  }

  #record(change: Change): void {
    if (change.after === null) this.#documents.delete(change.name)
    else this.#documents.set(change.name, change.after)
    this.#log.push(change)
  }

  /** Null where the past since then is no longer known. */
  changesSince(time: bigint): readonly Change[] | null {
    return time < this.#forgottenUntil ? null : this.#log.filter(({ at }) => at > time)
  }

  /** As the service does after half an hour. */
  forgetPast(): void {
    this.#log = []
    this.#forgottenUntil = this.tick()
  }
}

function outcome(write: Write, before: Document | null, at: bigint): Document | null {
  checkPrecondition(write, before)
  if (write.update === undefined) return null
  const { name } = write.update
  checkName(name)
  const fields = { ...masked(write, before), ...transformed(write, at) }
  checkSize(name, fields)
  const isSame = before !== null && JSON.stringify(before.fields) === JSON.stringify(fields)
  // A write that changes nothing leaves the time as it is.
  if (isSame) return before
  const updateTime = timestampOf(at)
  return { name, fields, createTime: before?.createTime ?? updateTime, updateTime }
}

function checkPrecondition(
  { update, delete: deleted, currentDocument }: Write,
  before: Document | null,
): void {
  const name = update?.name ?? deleted
  if (currentDocument?.exists === false && before !== null)
    throw new Refusal(status.ALREADY_EXISTS, `Document already exists: ${name}`)
  if (currentDocument?.exists === true && before === null)
    throw new Refusal(status.NOT_FOUND, `No document to update: ${name}`)
  const required = currentDocument?.updateTime
  if (required === undefined) return
  if (before === null) throw new Refusal(status.NOT_FOUND, `No document to update: ${name}`)
  const stored = nanosOf(before.updateTime ?? {})
  if (stored === nanosOf(required)) return
  throw new Refusal(
    status.FAILED_PRECONDITION,
    `the stored version (${stored / 1_000n}) does not match the required base version (${nanosOf(required) / 1_000n})`,
  )
}

function masked({ update, updateMask }: Write, before: Document | null): Fields {
  if (updateMask === undefined) return update?.fields ?? {}
  const fields = { ...before?.fields }
  for (const path of updateMask.fieldPaths ?? []) {
    const value = update?.fields?.[path]
    if (value === undefined) delete fields[path]
    else fields[path] = value
  }
  return fields
}

function transformed({ updateTransforms = [] }: Write, at: bigint): Fields {
  // The service gives request times in milliseconds.
  const time = timestampOf(at - (at % 1_000_000n))
  return Object.fromEntries(updateTransforms.map(({ fieldPath }) => [fieldPath, { timestampValue: time }]))
}

function checkName(name: string): void {
  const id = name.slice(name.lastIndexOf('/') + 1)
  if (Buffer.byteLength(id) > NAME_BYTES)
    throw new Refusal(
      status.INVALID_ARGUMENT,
      `The key path element name is longer than ${NAME_BYTES} bytes.`,
    )
  if (id === '' || id === '.' || id === '..' || /^__.*__$/s.test(id))
    throw new Refusal(status.INVALID_ARGUMENT, `Resource id "${id}" is invalid because it is reserved.`)
}

function checkSize(name: string, fields: Fields): void {
  let size = 32 + nameSize(name)
  for (const [field, value] of Object.entries(fields)) {
    const bytes = valueSize(value)
    if (bytes > VALUE_BYTES)
      throw new Refusal(
        status.INVALID_ARGUMENT,
        `The value of property "${field}" is longer than ${VALUE_BYTES} bytes.`,
      )
    size += Buffer.byteLength(field) + 1 + bytes
  }
  if (size <= DOCUMENT_BYTES) return
  throw new Refusal(
    status.INVALID_ARGUMENT,
    `Document "${name}" cannot be written because its size (${size} bytes) exceeds the maximum allowed size of ${DOCUMENT_BYTES} bytes.`,
  )
}

function nameSize(name: string): number {
  const [, relative = ''] = name.split('/documents/')
  return relative.split('/').reduce((sum, part) => sum + Buffer.byteLength(part) + 1, 16)
}

function valueSize({ stringValue }: Value): number {
  return stringValue === undefined ? 8 : Buffer.byteLength(stringValue) + 1
}
