/**
 * What of a query the stand-in does itself: the order by name, cursors, limits and field masks, which
 * `@firestore-emulator/server` ignores; and the filters of listeners.
 */
import { status } from '@grpc/grpc-js'
import type { Document, Query, StructuredQuery, Value } from './protocol.ts'
import { Refusal } from './documents.ts'

/** The filters, as what the emulator is asked. */
export function filtersOnly({ parent, structuredQuery: { from = [], where } }: Query): Query {
  return { parent, structuredQuery: { from, ...(where === undefined ? {} : { where }) } }
}

/** The page that the query asks for, of all documents that its filters let through. */
export function page(documents: readonly Document[], query: StructuredQuery): Document[] {
  const ordered = documents.toSorted((a, b) => compareNames(a.name, b.name))
  const after = cursor(query)
  const rest = after === null ? ordered : ordered.filter(({ name }) => compareNames(name, after) > 0)
  const limit = query.limit?.value ?? rest.length
  const mask = query.select?.fields?.map(({ fieldPath }) => fieldPath)
  return rest.slice(0, limit).map(document => withFields(document, mask))
}

export function withFields(document: Document, mask: readonly string[] | undefined): Document {
  if (mask === undefined) return document
  const fields = Object.entries(document.fields ?? {}).filter(([field]) => mask.includes(field))
  return { ...document, fields: Object.fromEntries(fields) }
}

/** Only order by name is known here, and only the cursor "after". */
function cursor({ orderBy = [], startAt }: StructuredQuery): string | null {
  if (orderBy.some(({ field }) => field.fieldPath !== '__name__'))
    throw new Refusal(status.UNIMPLEMENTED, 'The stand-in orders by __name__ only.')
  if (startAt === undefined) return null
  const name = startAt.values?.[0]?.referenceValue
  if (startAt.before === true || name === undefined)
    throw new Refusal(status.UNIMPLEMENTED, 'The stand-in starts after a name only.')
  return name
}

/** By the bytes of their UTF-8. */
function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

interface Filter {
  readonly fieldFilter?: {
    readonly field: { readonly fieldPath: string }
    readonly op: string
    readonly value: Value
  }
  readonly compositeFilter?: { readonly op: string; readonly filters: readonly Filter[] }
}

/** Whether a document is one of a listener's query; only equalities are known. */
export function matcher({
  parent,
  structuredQuery: { from, where },
}: Query): (document: Document) => boolean {
  const prefix = `${parent}/${from?.[0]?.collectionId ?? ''}/`
  const equalities = flatten(where as Filter | undefined)
  return ({ name, fields }) =>
    name.startsWith(prefix) &&
    equalities.every(([field, value]) => JSON.stringify(fields?.[field]) === JSON.stringify(value))
}

function flatten(filter: Filter | undefined): [string, Value][] {
  if (filter === undefined) return []
  const { fieldFilter, compositeFilter } = filter
  if (compositeFilter?.op === 'AND') return compositeFilter.filters.flatMap(flatten)
  if (fieldFilter?.op === 'EQUAL') return [[fieldFilter.field.fieldPath, fieldFilter.value]]
  throw new Refusal(status.UNIMPLEMENTED, 'The stand-in listens to equalities only.')
}
