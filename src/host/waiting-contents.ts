/** Files that wait for their content (R10.6): why, what waits and what lies here; and the patterns that this device trusts (R10.7). */
import { decodeContent, encodeContent } from '../engine/core/content.ts'
import { patternFault } from '../engine/core/patterns.ts'
import { type Rules, syncsIn } from '../engine/core/rules.ts'
import { runnableBy } from '../engine/core/runnable-files.ts'
import { linkAbove } from '../engine/look.ts'
import { type FileSystem, FileSystemError } from '../engine/ports/file-system.ts'
import type { ScopeId, StateStore, Trust } from '../engine/ports/state-store.ts'
import type { WaitingFile, WaitingReport } from '../engine/report.ts'
import type { FileDiff } from '../contract/words.ts'
import { nodeCodec } from '../platform/node-codec.ts'
import { fileDiff } from './app/file-diff.ts'
import { DecisionError } from './errors.ts'

interface Ports {
  readonly fs: FileSystem
  readonly state: StateStore
}

/** By path. What would be sent, and may hold a secret, is none of these. */
export function waitingFiles(state: StateStore, rules: Rules, scopes: readonly ScopeId[]): WaitingFile[] {
  return scopes.flatMap(scope =>
    state
      .loadHolds(scope)
      .filter(
        ({ kind, side, path, channel }) =>
          kind === 'content' && side === 'local' && syncsIn(rules, path, channel),
      )
      .map(({ path, channel, side, reason, since, digest: hash }) => {
        const why = runnableBy(path)?.reason ?? ''
        return { path, channel, side, reason, why, since, hash }
      }),
  )
}

export function withContents({ fs, state }: Ports, file: WaitingFile): WaitingReport {
  const content = state.readContent(file.hash)
  const here = contentHere(fs, file.path)
  return {
    ...file,
    content: content === null ? null : encodeContent(content, nodeCodec),
    here: here === null ? null : encodeContent(here, nodeCodec),
  }
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

/** The lines that would change here. */
export function changeByWaiting({
  path,
  content,
  here,
}: WaitingReport): FileDiff['lines'] | 'large' | 'binary' {
  if (content === null) return 'large'
  const [before, after] = [textOf(here ?? ''), textOf(content)]
  if (before === null || after === null) return 'binary'
  return fileDiff(path, here === null ? null : before, after).lines
}

function textOf(content: string): string | null {
  const bytes = decodeContent(content, nodeCodec)
  return bytes === null ? null : nodeCodec.decodeUtf8(bytes)
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
