/** Why a conflict is about a file as a whole, in words: what `conflicts` shows and a refused merge says. */
import { decodeContent } from '../engine/core/content.ts'
import type { ConflictReport, ConflictSideReport } from '../engine/report.ts'
import { nodeCodec } from '../platform/node-codec.ts'

const REASONS: Readonly<Record<string, string>> = {
  'no-base': 'there is no common version to merge from',
  'not-json': 'a version of it is not valid JSON',
  'duplicate-key': 'a version of it has the same key twice in one object',
  'imprecise-number': 'it holds a number that programs do not read exactly',
  'too-deep': 'it is nested too deeply to be compared value by value',
  'unreadable-merge': 'both changes together make a file that its programs cannot read',
  'merge-failed': 'this device could not merge it',
}

/** Null where the sides merge, at least in part. */
export function wholeFileReason(report: ConflictReport): string | null {
  const { merged, doubts, local, remote } = report
  if (merged !== null) return null
  const code = doubts[0]?.reason
  if (code !== undefined) return REASONS[code] ?? code
  if (local === null || remote === null) return 'one of the versions is no longer there'
  return [local, remote].some(isBytes) ? 'it is not text' : 'it is too large to be merged'
}

function isBytes({ content }: ConflictSideReport): boolean {
  const bytes = decodeContent(content, nodeCodec)
  return bytes !== null && nodeCodec.decodeUtf8(bytes) === null
}

/** Of the file, in bytes; `content` may be an encoded form of them. */
export function sizeOf({ content }: ConflictSideReport): number {
  return decodeContent(content, nodeCodec)?.length ?? Buffer.byteLength(content)
}
