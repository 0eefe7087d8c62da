/** Files that wait for their content (R10.6): why, what waits and what lies here; and the patterns that this device trusts (R10.7). */
import { encodeContent } from '../engine/core/content.ts'
import { patternFault } from '../engine/core/patterns.ts'
import { type Rules, syncsIn } from '../engine/core/rules.ts'
import { runnableBy } from '../engine/core/runnable-files.ts'
import { linkAbove } from '../engine/look.ts'
import type { Codec } from '../engine/ports/codec.ts'
import { type FileSystem, FileSystemError } from '../engine/ports/file-system.ts'
import type { HoldRecord, ScopeId, StateStore, Trust } from '../engine/ports/state-store.ts'
import type { WaitingReport } from '../engine/report.ts'
import { DecisionError } from './errors.ts'

interface Ports {
  readonly fs: FileSystem
  readonly codec: Codec
  readonly state: StateStore
  readonly rules: Rules
}

/** By path. */
export function waitingReports(
  { fs, codec, state, rules }: Ports,
  scopes: readonly ScopeId[],
): WaitingReport[] {
  return scopes.flatMap(scope =>
    waitingIn(state, rules, scope).map(({ path, channel, side, reason, since, digest }) => {
      const content = state.readContent(digest)
      const here = contentHere(fs, path)
      return {
        path,
        channel,
        side,
        reason,
        why: runnableBy(path)?.reason ?? '',
        since,
        hash: digest,
        content: content === null ? null : encodeContent(content, codec),
        here: here === null ? null : encodeContent(here, codec),
      }
    }),
  )
}

function waitingIn(state: StateStore, rules: Rules, scope: ScopeId): HoldRecord[] {
  return state
    .loadHolds(scope)
    .filter(({ kind, path, channel }) => kind === 'content' && syncsIn(rules, path, channel))
}

function contentHere(fs: FileSystem, path: string): Uint8Array | null {
  try {
    if (linkAbove(fs, path) !== null || fs.lstat(path)?.kind !== 'file') return null
    return fs.read(path)
  } catch (error) {
    if (error instanceof FileSystemError) return null
    throw error
  }
}

export interface TrustChange {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

/** Throws DecisionError. */
export function requirePatterns(patterns: readonly string[]): void {
  for (const pattern of patterns) {
    const fault = pattern.startsWith('!')
      ? 'a pattern that is trusted takes nothing out'
      : patternFault(pattern)
    if (fault !== null) throw new DecisionError(`"${pattern}": ${fault}. Nothing was changed.`)
  }
}

/** Throws DecisionError before anything is changed. */
export async function changeTrust(state: StateStore, { add, remove }: TrustChange): Promise<void> {
  requirePatterns(add)
  const known = new Set(state.loadTrust('may-run-code'))
  for (const pattern of remove)
    if (!known.has(pattern)) throw new DecisionError(`"${pattern}": it is not trusted. Nothing was changed.`)
  await state.commit([
    ...add.map(what => ({ kind: 'trust-add' as const, trust: trustIn(what) })),
    ...remove.map(what => ({ kind: 'trust-delete' as const, trust: trustIn(what) })),
  ])
}

function trustIn(what: string): Trust {
  return { reason: 'may-run-code', path: null, what }
}

/** The pattern that matches this path and no other. */
export function patternOf(path: string): string {
  return path.replace(/[*?[\]{}()!@+\\]/g, character => `[${character}]`)
}
