/** Brings a version from the history back as the current file: an ordinary edit, with the usual care (R1, R9). */
import type { Channel } from './core/entry.ts'
import { putAside } from './history.ts'
import { fingerprintOf, readUnchanged } from './look.ts'
import type { Clock } from './ports/clock.ts'
import type { Codec } from './ports/codec.ts'
import type { FileSystem } from './ports/file-system.ts'
import type { ScopeId, StateStore } from './ports/state-store.ts'
import { KEPT_MS, type LateContent, type Replaced, type Replacer } from './replace.ts'

/** Tries while a program keeps writing into the file. */
const TRIES = 5

interface Ports {
  readonly fs: FileSystem
  readonly codec: Codec
  readonly state: StateStore
  readonly clock: Clock
}

export interface RestoreRequest {
  readonly path: string
  readonly bytes: Uint8Array
  readonly scope: ScopeId
  readonly channel: Channel
  readonly device: string
}

export class RestoreError extends Error {
  override readonly name = 'RestoreError'
}

/** Whether a file was there before; it is in the history now. Throws RestoreError, FileSystemError. */
export async function restore(ports: Ports, replacer: Replacer, request: RestoreRequest): Promise<boolean> {
  for (let tried = 0; tried < TRIES; tried++) {
    const stat = ports.fs.lstat(request.path)
    if (stat !== null && stat.kind !== 'file')
      throw new RestoreError(`${request.path} is a ${stat.kind} now. Move it away first.`)
    const bytes = stat === null ? null : readUnchanged(ports.fs, request.path, stat)
    if (stat !== null && bytes === null) continue
    if (bytes !== null) await keep(ports, request, { bytes, mtimeMs: stat!.mtimeMs })
    replacer.startBatch()
    const replaced = replacer.replace(request.path, request.bytes, stat === null ? null : fingerprintOf(stat))
    if (replaced.kind === 'link')
      throw new RestoreError(`${replaced.link} is a symbolic link, and links are not followed.`)
    if (replaced.kind === 'changed') continue
    await ports.fs.flush([request.path])
    await release(ports, replacer, request, replaced)
    return bytes !== null
  }
  throw new RestoreError(`${request.path} is being written right now. Try again when it rests.`)
}

async function release(
  ports: Ports,
  replacer: Replacer,
  request: RestoreRequest,
  { kept }: Extract<Replaced, { kind: 'done' }>,
): Promise<void> {
  if (kept === null) return
  await ports.clock.sleep(KEPT_MS)
  const late = replacer.release(kept)
  if (late === null) return
  await keep(ports, request, late)
  replacer.drop(kept)
}

async function keep(ports: Ports, request: RestoreRequest, { bytes, mtimeMs }: LateContent): Promise<void> {
  const digest = ports.codec.digest(bytes)
  const { path, device } = request
  const aside = {
    digest,
    version: null,
    cause: 'replaced-by-restore',
    time: ports.clock.now(),
    device,
    mtimeMs,
  } as const
  await ports.state.commit(putAside(request, path, bytes, aside))
}
