/**
 * A record's id as a Firestore document id, and back.
 *
 * A document id has no `/`, so that is written `%2F`, as agent-native apps do. A `%2F` that is itself part of
 * a name is written `%252F`, one more `25` for each that is there already: so two records never meet in one
 * document, and every other id is the one that the simple scheme makes.
 *
 * What else an id may not be: https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields
 */
import { AdapterError } from '../../engine/ports/adapter.ts'

export const COLLECTION = 'files'

/** Largest document id, in UTF-8 bytes. */
const MOST_BYTES = 1_500

export function toDocumentId(id: string): string {
  return id.replaceAll(/%(?=(?:25)*2F)/g, '%25').replaceAll('/', '%2F')
}

export function fromDocumentId(documentId: string): string {
  return documentId.replaceAll(/%(25)*2F/g, (escape, more: string | undefined) =>
    more === undefined ? '/' : escape.replace('25', ''),
  )
}

/** Why no document can have this id; null where one can. */
export function idFault(id: string): AdapterError | null {
  const documentId = toDocumentId(id)
  if (!id.isWellFormed())
    return invalid(`The name of the record "${id}" is no valid Unicode text. Rename the file.`)
  const bytes = Buffer.byteLength(documentId)
  if (bytes > MOST_BYTES) {
    const most = MOST_BYTES.toLocaleString('en')
    return invalid(
      `The path is too long for Firestore: with app and owner it has ${bytes.toLocaleString('en')} bytes, and a document id may have ${most}. Shorten the names of the file and its folders.`,
    )
  }
  if (documentId === '' || documentId === '.' || documentId === '..' || /^__.*__$/s.test(documentId))
    return invalid(
      `Firestore keeps ids such as "${documentId}" for itself. Rename the file, or set FILE_SYNC_APP_ID to a name that does not begin with "__".`,
    )
  return null
}

function invalid(message: string): AdapterError {
  return new AdapterError('invalid', message, { retryable: false })
}
