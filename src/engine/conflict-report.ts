/**
 * Open conflicts with what each side holds, from the state store and the files as they are now; and what a
 * merge makes of them, so that a person decides only what is in doubt (R6).
 */
import type { Channel, Digest } from './core/entry.ts'
import { LARGEST_MERGED_BYTES } from './base-content.ts'
import { encodeContent } from './core/content.ts'
import { mergeFile } from './core/merge.ts'
import type { MergeConflict, MergeResult } from './core/merge-result.ts'
import type { Codec } from './ports/codec.ts'
import { type FileSystem, FileSystemError } from './ports/file-system.ts'
import type { ConflictRecord, ScopeId, StateStore } from './ports/state-store.ts'
import type { ConflictDetail, ConflictDoubt, ConflictReport, ConflictSideReport } from './report.ts'

interface Ports {
  readonly fs: FileSystem
  readonly codec: Codec
  readonly state: StateStore
}

export function conflictReports(ports: Ports, scope: ScopeId, channel: Channel): ConflictReport[] {
  return ports.state.loadConflicts(scope).map(record => {
    const { path, channel: of, base, local, remote, merged, doubts } = detailOf(ports, channel, record)
    return { path, channel: of, base, local, remote, merged, doubts }
  })
}

/** Null where the path is not in conflict. */
export function conflictDetail(
  ports: Ports,
  scope: ScopeId,
  channel: Channel,
  path: string,
): ConflictDetail | null {
  const record = ports.state.loadConflicts(scope).find(conflict => conflict.path === path)
  return record === undefined ? null : detailOf(ports, channel, record)
}

interface Sides {
  readonly base: Uint8Array | null
  readonly local: { readonly bytes: Uint8Array; readonly lastUpdated: number } | null
  readonly remote: Uint8Array | null
}

function detailOf(ports: Ports, channel: Channel, record: ConflictRecord): ConflictDetail {
  const { path, base, remote, since } = record
  const sides: Sides = {
    base: kept(ports, base),
    local: localSide(ports, record),
    remote: kept(ports, remote),
  }
  const merge = mergeOf(ports.codec, path, sides)
  return {
    path,
    channel,
    since,
    base: reportOf(ports.codec, sides.base, base?.lastUpdated),
    local: reportOf(ports.codec, sides.local?.bytes ?? null, sides.local?.lastUpdated),
    remote: reportOf(ports.codec, sides.remote, remote?.lastUpdated),
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
function mergeOf(codec: Codec, path: string, { base, local, remote }: Sides): MergeResult | null {
  if (local === null || remote === null) return null
  const sides = [base, local.bytes, remote]
  if (sides.some(bytes => bytes !== null && bytes.length > LARGEST_MERGED_BYTES)) return null
  const localText = codec.decodeUtf8(local.bytes)
  const remoteText = codec.decodeUtf8(remote)
  if (localText === null || remoteText === null) return null
  const baseText = base === null ? null : codec.decodeUtf8(base)
  return mergeFile({ path, base: baseText, local: localText, remote: remoteText })
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
