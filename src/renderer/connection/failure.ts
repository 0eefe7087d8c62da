/** What a failed call means, in words for a person. */
import { ORPCError } from '@orpc/client'
import type { BackendSavePreview } from '../../contract/backend.ts'
import type { ConflictDetail } from '../../contract/conflicts.ts'
import type { RulesView } from '../../contract/rules.ts'
import type { FileDiff } from '../../contract/words.ts'
import { strings } from '../strings.ts'

/** A message of the host is written for people; anything else is not. */
export function failureText(error: unknown): string {
  if (error instanceof ORPCError) {
    return error.defined ? error.message : strings.failure.internal
  }
  return strings.failure.connection
}

export function failureCode(error: unknown): string | null {
  return error instanceof ORPCError ? String(error.code) : null
}

/** Stopped by this page itself: nothing to show. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

/** What a STALE answer brings: the thing as it is now. The contract says which call brings which. */
interface StaleData {
  readonly detail?: ConflictDetail | null
  readonly files?: FileDiff[]
  readonly preview?: BackendSavePreview
  readonly token?: string
  readonly view?: RulesView
}

/** Null for any other error. */
export function staleData(error: unknown): StaleData | null {
  if (!(error instanceof ORPCError) || error.code !== 'STALE' || !error.defined) return null
  return error.data as StaleData
}
