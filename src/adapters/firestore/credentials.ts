/** The service account's key file: read, checked, and named by what to do where it is not one. */
import { createPrivateKey } from 'node:crypto'
import { AdapterError } from '../../engine/ports/adapter.ts'

const VARIABLE = 'GOOGLE_APPLICATION_CREDENTIALS'
const WHERE_TO_GET =
  'Create a key in the Firebase console (Project settings, Service accounts, Generate new private key) and set the variable to the path of the file.'

/** As firebase-admin takes it. */
export interface ServiceAccount {
  readonly projectId: string
  readonly clientEmail: string
  readonly privateKey: string
}

/**
 * A file's text; null where there is none. Throws an error whose message goes on after the file's name (`is a named
 * pipe, not a regular file`).
 */
export type ReadKeyFile = (path: string) => string | null

/** Throws `AdapterError` 'invalid', which shows nothing of what the file holds. */
export function readServiceAccount(path: string, read: ReadKeyFile): ServiceAccount {
  const key = parse(textOf(path, read), path)
  const type = textIn(key, 'type')
  if (type !== 'service_account') {
    const found = type === null ? 'is no service account key' : `holds credentials of the type "${type}"`
    throw invalid(`${VARIABLE} names ${path}, which ${found}. ${WHERE_TO_GET}`)
  }
  const projectId = required(key, 'project_id', path)
  const clientEmail = required(key, 'client_email', path)
  const privateKey = required(key, 'private_key', path)
  if (!isPrivateKey(privateKey))
    throw invalid(`${VARIABLE} names ${path}, whose "private_key" is damaged. ${WHERE_TO_GET}`)
  return { projectId, clientEmail, privateKey }
}

/** The project whose key it is, for naming the database; null where the file says none. */
export function projectOfKey(path: string, read: ReadKeyFile): string | null {
  try {
    return textIn(parse(textOf(path, read), path), 'project_id')
  } catch (error) {
    if (error instanceof AdapterError) return null
    throw error
  }
}

function textOf(path: string, read: ReadKeyFile): string {
  let reason = 'does not exist'
  try {
    const text = read(path)
    if (text !== null) return text.replace(/^\uFEFF/, '')
  } catch (error) {
    reason = error instanceof Error ? error.message : 'cannot be read'
  }
  throw invalid(`${VARIABLE} names ${path}, which ${reason}. ${WHERE_TO_GET}`)
}

function parse(text: string, path: string): object {
  try {
    const key: unknown = JSON.parse(text)
    if (typeof key === 'object' && key !== null) return key
  } catch {
    // JSON's own message would quote the file.
  }
  throw invalid(`${VARIABLE} names ${path}, which is no JSON file. ${WHERE_TO_GET}`)
}

function required(key: object, field: string, path: string): string {
  const value = textIn(key, field)
  if (value !== null && value !== '') return value
  throw invalid(`${VARIABLE} names ${path}, which lacks "${field}". ${WHERE_TO_GET}`)
}

function textIn(key: object, field: string): string | null {
  const value: unknown = Reflect.get(key, field)
  return typeof value === 'string' ? value : null
}

function isPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(text).type === 'private'
  } catch {
    return false
  }
}

function invalid(message: string): AdapterError {
  return new AdapterError('invalid', message, { retryable: false })
}
