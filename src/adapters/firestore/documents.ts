/**
 * Documents as the records and heads that the adapter's port speaks of.
 *
 * The etag is the document's update time to the nanosecond, which differs for any two writes; `lastUpdated`
 * is whatever its writer said.
 */
import type { FileRecord, RecordHead, StoredRecord } from '../../engine/ports/adapter.ts'
import { fromDocumentId } from './document-id.ts'
import { nanosText, type WireDocument, type WireFields, type WireValue } from './wire.ts'

/** All that a head is made of. */
export const HEAD_FIELDS = ['lastUpdated']

export function idOfName(name: string): string {
  return fromDocumentId(name.slice(name.lastIndexOf('/') + 1))
}

export function headOf({ name, fields, updateTime }: WireDocument): RecordHead {
  return {
    id: idOfName(name),
    etag: nanosText(updateTime),
    lastUpdated: numberIn(fields?.['lastUpdated']) ?? Number.NaN,
  }
}

export function storedRecord(document: WireDocument): StoredRecord {
  const { id, etag, lastUpdated } = headOf(document)
  return { id, etag, data: fileRecord(document.fields ?? {}, lastUpdated) }
}

function fileRecord(fields: WireFields, lastUpdated: number): FileRecord {
  const textIn = (name: string): string | null => fields[name]?.stringValue ?? null
  const path = textIn('path')
  const content = textIn('content')
  const app = textIn('app') ?? ''
  const ownerId = textIn('ownerId') ?? ''
  const createdAt = numberIn(fields['createdAt'])
  const created = createdAt === null ? {} : { createdAt }
  if (path === null || content === null) {
    // Something else where a text belongs: no file. Without its path, nobody takes it for one.
    return { path: '', content: '', app, ownerId, lastUpdated, ...created }
  }
  return { path, content, app, ownerId, lastUpdated, ...created }
}

/** The fields that are given; a record of an older writer may lack some. */
export function fieldsOf(record: Partial<FileRecord>): Record<string, WireValue> {
  const { path, content, app, ownerId, lastUpdated, createdAt } = record
  const fields: Record<string, WireValue> = {}
  for (const [name, value] of Object.entries({ path, content, app, ownerId })) {
    if (value !== undefined) fields[name] = { stringValue: value }
  }
  for (const [name, value] of Object.entries({ lastUpdated, createdAt })) {
    if (value !== undefined) fields[name] = numberValue(value)
  }
  return fields
}

function numberValue(value: number): WireValue {
  return Number.isSafeInteger(value) ? { integerValue: value.toString() } : { doubleValue: value }
}

function numberIn(value: WireValue | undefined): number | null {
  if (value?.integerValue !== undefined && value.integerValue !== null) return Number(value.integerValue)
  return value?.doubleValue ?? null
}
