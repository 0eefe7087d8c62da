/**
 * How much Firestore takes, and what a document weighs.
 *
 * Limits: https://firebase.google.com/docs/firestore/quotas#limits; weights:
 * https://firebase.google.com/docs/firestore/storage-size
 */
import { type AdapterLimits, AdapterError, type FileRecord } from '../../engine/ports/adapter.ts'
import { COLLECTION } from './document-id.ts'

const KIBIBYTE = 2 ** 10
const MEBIBYTE = 2 ** 20

/** Largest document, with its name and all of its fields, in bytes. */
const DOCUMENT_BYTES = MEBIBYTE

/**
 * What a document needs beside its content, in bytes: up to 1,500 each for its name and its path, those of
 * app and owner, and some 200 for the rest.
 */
const OVERHEAD_BYTES = 6 * KIBIBYTE

export const LIMITS: AdapterLimits = {
  contentBytes: DOCUMENT_BYTES - OVERHEAD_BYTES,
  // https://firebase.google.com/docs/firestore/manage-data/transactions: a batch has up to 500 writes.
  batchItems: 500,
  // A request may have 10 MiB. Less of it is sent again where a slow line breaks.
  batchBytes: 4 * MEBIBYTE,
}

/**
 * The rate at which a collection takes writes whose indexed fields rise, as `lastUpdated` does; also where
 * traffic to a new collection should begin (https://firebase.google.com/docs/firestore/best-practices).
 */
export const WRITES_PER_SECOND = 500

/** Null where the document fits. */
export function sizeFault(documentId: string, record: FileRecord): AdapterError | null {
  const content = Buffer.byteLength(record.content)
  if (content <= LIMITS.contentBytes && documentBytes(documentId, record) <= DOCUMENT_BYTES) return null
  return tooLarge(content)
}

export function tooLarge(contentBytes: number | null): AdapterError {
  const size = contentBytes === null ? '' : ` (${kibibytes(contentBytes)})`
  const most = kibibytes(LIMITS.contentBytes)
  return new AdapterError(
    'too-large',
    `The file is too large for Firestore${size}: a document may have 1 MiB, which leaves ${most} for the file. Make it smaller or split it, exclude it from sync with a pattern, or use another backend.`,
    { retryable: false },
  )
}

function kibibytes(bytes: number): string {
  return `${Math.ceil(bytes / KIBIBYTE).toLocaleString('en')} KiB`
}

function documentBytes(documentId: string, { path, content, app, ownerId }: FileRecord): number {
  const name = stringBytes(COLLECTION) + stringBytes(documentId) + 16
  const texts = Object.entries({ path, content, app, ownerId })
  const numbers = ['lastUpdated', 'createdAt']
  return (
    name +
    texts.reduce((sum, [field, value]) => sum + stringBytes(field) + stringBytes(value), 0) +
    numbers.reduce((sum, field) => sum + stringBytes(field) + 8, 0) +
    32
  )
}

function stringBytes(text: string): number {
  return Buffer.byteLength(text) + 1
}
