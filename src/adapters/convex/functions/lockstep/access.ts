/** Who may call, which database this is, and whether its schema is the one that is needed. */
import type { GenericDatabaseReader, GenericDataModel } from 'convex/server'
import { ConvexError, v } from 'convex/values'

/** Taken by each function. */
export const key = v.optional(v.string())

// Convex gives functions their environment variables here; a project need not have the types of Node for it.
declare const process: { readonly env: Readonly<Record<string, string | undefined>> }

/** 'none': the deployment has no key, and anyone who knows its URL can call these functions. */
export type Access = 'none' | 'granted' | 'denied'

export function requireKey(given: string | undefined): void {
  if (accessOf(given) === 'denied') {
    throw new ConvexError({ code: 'denied', message: 'CONVEX_SYNC_KEY is missing or is another one.' })
  }
}

export function accessOf(given: string | undefined): Access {
  const expected = process.env.CONVEX_SYNC_KEY
  if (expected === undefined || expected === '') return 'none'
  return given !== undefined && isSame(given, expected) ? 'granted' : 'denied'
}

/** Takes as long for a nearly right key as for a wrong one. */
function isSame(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length
  for (let at = 0; at < expected.length; at++) difference |= given.charCodeAt(at) ^ expected.charCodeAt(at)
  return difference === 0
}

/** A name alone would be the same in a copy that was imported elsewhere. */
export function identityOf(name: string): string {
  return `${name}@${process.env.CONVEX_CLOUD_URL ?? ''}`
}

const INDEXES: readonly (readonly [table: string, index: string, field: string])[] = [
  ['files', 'by_sync_id', 'syncId'],
  ['files', 'by_channel', 'app'],
  ['files', 'by_change', 'app'],
  ['lockstepHeads', 'by_sync_id', 'syncId'],
  ['lockstepHeads', 'by_channel', 'app'],
  ['lockstepHeads', 'by_seq', 'app'],
  ['lockstepHeads', 'by_change', 'app'],
  ['lockstepGone', 'by_seq', 'app'],
  ['lockstepChannels', 'by_channel', 'app'],
  ['lockstepOperations', 'by_operation', 'operation'],
]

/** Asks each for what no record has, so that nothing is read. */
export async function missingIndexes(db: GenericDatabaseReader<GenericDataModel>): Promise<string[]> {
  const missing: string[] = []
  for (const [table, index, field] of INDEXES) {
    try {
      await db
        .query(table)
        .withIndex(index, q => q.eq(field, NOWHERE))
        .first()
    } catch {
      missing.push(`${table}.${index}`)
    }
  }
  return missing
}

const NOWHERE = '\u0000'
