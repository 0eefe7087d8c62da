/**
 * A person's answer to a conflict (R6), checked against what is there now and put where the engine finds it.
 *
 * The engine alone carries it out, and checks once more: between here and there a side may change.
 */
import { conflictDetail, tokenOf } from '../engine/conflict-report.ts'
import { copyPath } from '../engine/core/copy-name.ts'
import type { Channel, Digest } from '../engine/core/entry.ts'
import type { FileSystem } from '../engine/ports/file-system.ts'
import type { ConflictRecord, Resolution, ScopeId, StateStore } from '../engine/ports/state-store.ts'
import { mergeThread } from '../platform/merge-thread.ts'
import { nodeCodec } from '../platform/node-codec.ts'
import type { Project } from './project.ts'
import { wholeFileReason } from './whole-file.ts'

export type Take = 'local' | 'remote' | 'both' | 'merged' | 'content'

export interface ResolveRequest {
  readonly path: string
  readonly take: Take
  /** With 'content': the bytes that end the conflict. */
  readonly content?: Uint8Array
  /** Of the detail that the person has seen; without it, what is there now counts. */
  readonly token?: string
}

/** Of several conflicts at once. */
export interface ResolveAllRequest {
  readonly take: Exclude<Take, 'content'>
  /** Paths, folders and globs, relative to the project; null for all. */
  readonly names: readonly string[] | null
}

/** What was asked for cannot be done, whatever the engine does; the message says what can. */
export class ResolveError extends Error {
  override readonly name = 'ResolveError'
}

interface Place {
  readonly project: Project
  readonly fs: FileSystem
  readonly state: StateStore
  readonly scope: ScopeId
  readonly channel: Channel
  readonly device: string
}

/** Null: a side is not what the person has seen. Throws ResolveError. */
export async function fileResolution(
  place: Place,
  record: ConflictRecord,
  request: ResolveRequest,
): Promise<Resolution | null> {
  const { state, scope, fs } = place
  const { path, token } = request
  if (record.remote === null) throw new ResolveError(`${path} is not in conflict.`)
  const local = fs.lstat(path)?.kind === 'file' ? nodeCodec.digest(fs.read(path)) : null
  if (local === null) throw new ResolveError(`${path} is no file here any more; the next sync settles that.`)
  const tokenNow = tokenOf(local, record.remote.etag)
  if (token !== undefined && token !== tokenNow) return null
  const bytes = request.take === 'merged' ? await merged(place, path, tokenNow) : contentOf(request)
  if (bytes === 'changed') return null
  const resolution: Resolution = {
    path,
    take: request.take === 'merged' ? 'content' : request.take,
    localDigest: local,
    remoteEtag: record.remote.etag,
    content: bytes === null ? null : nodeCodec.digest(bytes),
    copyPath: request.take === 'both' ? freeCopyPath(place, path, local) : null,
  }
  await state.commit([
    ...(bytes === null ? [] : [{ kind: 'content-put', digest: resolution.content!, bytes } as const]),
    { kind: 'resolution-set', scope, resolution },
  ])
  return resolution
}

function contentOf({ take, content }: ResolveRequest): Uint8Array | null {
  if (take !== 'content') return null
  if (content === undefined) throw new ResolveError('There is no content to resolve it with.')
  return content
}

async function merged(
  { project, fs, state, scope, channel }: Place,
  path: string,
  token: string,
): Promise<Uint8Array | 'changed'> {
  const ports = { fs, codec: nodeCodec, state, merger: mergeThread, rules: project.rules }
  const detail = await conflictDetail(ports, scope, channel, path)
  if (detail?.token !== token) return 'changed'
  if (detail.merged !== null) return nodeCodec.encodeUtf8(detail.merged)
  throw new ResolveError(
    `Nothing of ${path} can be merged: ${wholeFileReason(detail)}. Take local, remote or both, or a file that you have put together.`,
  )
}

/** A name beside the file that syncs in the same channel, and that nothing else has yet: a former try may have made it. */
function freeCopyPath({ project, fs, channel, device }: Place, path: string, local: Digest): string {
  const date = dateOf(new Date())
  for (let number = 1; ; number++) {
    const copy = copyPath(path, device, date, number)
    const found = project.rules.classify(copy)
    if (found.kind !== 'synced' || found.channel !== channel) {
      throw new ResolveError(
        `The second version would be ${copy}, and no ${channel} pattern matches that name, so it would not sync. ` +
          'Add a pattern for it, or resolve the conflict in another way.',
      )
    }
    const stat = fs.lstat(copy)
    if (stat === null || (stat.kind === 'file' && nodeCodec.digest(fs.read(copy)) === local)) return copy
  }
}

/** As the person's calendar has it. */
function dateOf(date: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
