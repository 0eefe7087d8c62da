/**
 * Open conflicts with what each side holds, from the state store and the files as they are now; and what a
 * merge makes of them, so that a person decides only what is in doubt (R6).
 */
import type { Channel, Digest } from './core/entry.ts'
import { LARGEST_MERGED_BYTES } from './base-content.ts'
import { mergePolicy } from './core/conflict-policy.ts'
import { encodeContent } from './core/content.ts'
import type { MergePolicy } from './core/merge.ts'
import type { MergeConflict, MergeResult } from './core/merge-result.ts'
import type { Rules } from './core/rules.ts'
import type { Codec } from './ports/codec.ts'
import { type FileSystem, FileSystemError } from './ports/file-system.ts'
import type { Merger } from './ports/merger.ts'
import type { ConflictRecord, ScopeId, StateStore } from './ports/state-store.ts'
import type {
  ConflictDetail,
  ConflictDoubt,
  ConflictReport,
  ConflictSideReport,
  ConflictSides,
} from './report.ts'

interface Ports {
  readonly fs: FileSystem
  readonly codec: Codec
  readonly state: StateStore
}

interface MergingPorts extends Ports {
  readonly merger: Merger
  readonly rules: Pick<Rules, 'conflictPolicy'>
}

/** Without what a merge makes of them. */
export function conflictSides(ports: Ports, scope: ScopeId, channel: Channel): ConflictSides[] {
  return ports.state
    .loadConflicts(scope)
    .map(record => sidesReport(ports, channel, record, sidesOf(ports, record)))
}

export async function conflictReports(
  ports: MergingPorts,
  scope: ScopeId,
  channel: Channel,
): Promise<ConflictReport[]> {
  const reports: ConflictReport[] = []
  for (const record of ports.state.loadConflicts(scope)) {
    const { path, channel: of, base, local, remote, merged, doubts } = await detailOf(ports, channel, record)
    reports.push({ path, channel: of, base, local, remote, merged, doubts })
  }
  return reports
}

/** Null where the path is not in conflict. */
export async function conflictDetail(
  ports: MergingPorts,
  scope: ScopeId,
  channel: Channel,
  path: string,
): Promise<ConflictDetail | null> {
  const record = ports.state.loadConflicts(scope).find(conflict => conflict.path === path)
  return record === undefined ? null : detailOf(ports, channel, record)
}

interface Sides {
  readonly base: Uint8Array | null
  readonly local: { readonly bytes: Uint8Array; readonly lastUpdated: number } | null
  readonly remote: Uint8Array | null
}

function sidesOf(ports: Ports, record: ConflictRecord): Sides {
  return {
    base: kept(ports, record.base),
    local: localSide(ports, record),
    remote: kept(ports, record.remote),
  }
}

function sidesReport(
  { codec }: Ports,
  channel: Channel,
  { path, base, remote }: ConflictRecord,
  sides: Sides,
): ConflictSides {
  return {
    path,
    channel,
    base: reportOf(codec, sides.base, base?.lastUpdated),
    local: reportOf(codec, sides.local?.bytes ?? null, sides.local?.lastUpdated),
    remote: reportOf(codec, sides.remote, remote?.lastUpdated),
  }
}

async function detailOf(
  ports: MergingPorts,
  channel: Channel,
  record: ConflictRecord,
): Promise<ConflictDetail> {
  const { path, remote, since } = record
  const sides = sidesOf(ports, record)
  // Where the policy decides without a merge, one may still help a person.
  const policy = mergePolicy(ports.rules.conflictPolicy(path)) ?? 'merge'
  const merge = await mergeOf(ports, path, policy, sides)
  return {
    ...sidesReport(ports, channel, record, sides),
    since,
    policy,
    kind: kindOf(merge),
    merged: merge === null ? null : merge.kind === 'merged' ? merge.text : merge.rest,
    doubts: merge?.kind === 'conflict' ? merge.conflicts.map(doubtOf) : [],
    token: tokenOf(sides.local === null ? null : ports.codec.digest(sides.local.bytes), remote?.etag ?? null),
  }
}

/** Names the two versions that a person has seen. */
export function tokenOf(localDigest: Digest | null, remoteEtag: string | null): string {
  return `${localDigest ?? ''} ${remoteEtag ?? ''}`
}

/** Null where a side is missing or is no text, or all is too large to be merged. */
async function mergeOf(
  { codec, merger }: MergingPorts,
  path: string,
  policy: MergePolicy,
  { base, local, remote }: Sides,
): Promise<MergeResult | null> {
  if (local === null || remote === null) return null
  const sides = [base, local.bytes, remote]
  if (sides.some(bytes => bytes !== null && bytes.length > LARGEST_MERGED_BYTES)) return null
  const localText = codec.decodeUtf8(local.bytes)
  const remoteText = codec.decodeUtf8(remote)
  if (localText === null || remoteText === null) return null
  const baseText = base === null ? null : codec.decodeUtf8(base)
  return merger.merge({ path, policy, base: baseText, local: localText, remote: remoteText })
}

function kindOf(merge: MergeResult | null): ConflictDetail['kind'] {
  if (merge === null) return 'binary'
  return merge.kind === 'conflict' && merge.conflicts[0]?.kind === 'json' ? 'json' : 'text'
}

function doubtOf(conflict: MergeConflict): ConflictDoubt {
  switch (conflict.kind) {
    case 'json': {
      const { id, base, local, remote } = conflict
      return { id, kind: 'json', base, local, remote }
    }
    case 'text': {
      const { id, base, local, remote, restLine } = conflict
      const text = ({ lines }: { readonly lines: readonly string[] }): string => lines.join('')
      return { id, kind: 'text', base: text(base), local: text(local), remote: text(remote), line: restLine }
    }
    case 'file':
      // The sides themselves say it all.
      return { id: conflict.id, kind: 'file', base: null, local: null, remote: null, reason: conflict.reason }
  }
}

/** Null also where the content is not kept, or is damaged: then only that there was one is known. */
function kept({ state }: Ports, side: { readonly digest: Digest } | null): Uint8Array | null {
  try {
    return side === null ? null : state.readContent(side.digest)
  } catch {
    return null
  }
}

function reportOf(
  codec: Codec,
  bytes: Uint8Array | null,
  lastUpdated: number | undefined,
): ConflictSideReport | null {
  return bytes === null ? null : { content: encodeContent(bytes, codec), lastUpdated: lastUpdated ?? 0 }
}

function localSide({ fs }: Ports, { path }: ConflictRecord): Sides['local'] {
  try {
    const stat = fs.lstat(path)
    if (stat?.kind !== 'file') return null
    return { bytes: fs.read(path), lastUpdated: Math.round(stat.mtimeMs) }
  } catch (error) {
    if (error instanceof FileSystemError) return null
    throw error
  }
}
