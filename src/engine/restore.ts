/** Brings a version from the history back as the current file: an ordinary edit, with the usual care (R1, R9). */
import type { Channel } from './core/entry.ts'
import { formerFile, formerGone, putAside } from './history.ts'
import type { LocalEntry } from './core/entry.ts'
import { join, parentOf } from './core/tree.ts'
import { fingerprintOf, readUnchanged } from './look.ts'
import type { Clock } from './ports/clock.ts'
import type { Codec } from './ports/codec.ts'
import type { FileStat, FileSystem } from './ports/file-system.ts'
import type { OpenFiles } from './ports/open-files.ts'
import type { ScopeId, StateStore } from './ports/state-store.ts'
import { type Kept, KEPT_MS, type Openness, type Replacer } from './replace.ts'

/** Of everybody, and of the owner. */
const READ_AND_WRITE = 0o666
const OWN = 0o600
/** Tries while a program keeps writing into the file. */
const TRIES = 5

interface Ports {
  readonly fs: FileSystem
  readonly openFiles: OpenFiles
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
    if (bytes !== null) await keep(ports, request, bytes)
    const there = bytes === null ? null : entryOf(ports, bytes, stat!)
    const replaced = replacer.replace(request.path, request.bytes, there, opennessOf(ports.fs, request))
    if (replaced.kind === 'link')
      throw new RestoreError(`${replaced.link} is a symbolic link, and links are not followed.`)
    if (replaced.kind === 'changed') continue
    if (there !== null) await ports.state.commit([formerGone(request.scope, request.path, formerFile(there))])
    await ports.fs.flush([request.path])
    if (replaced.kept !== null) await release(ports, replacer, request, replaced.kept)
    return bytes !== null
  }
  throw new RestoreError(`${request.path} is being written right now. Try again when it rests.`)
}

/**
 * The mode of the file that was deleted is not known any more: in the private channel it comes back for its owner alone,
 * else no more open than any file beside it.
 */
function opennessOf(fs: FileSystem, { path, channel }: RestoreRequest): Openness {
  if (channel === 'private') return { isPrivate: true }
  const folder = parentOf(path)
  const modes = (fs.list(folder) ?? []).flatMap(({ name, kind }) => {
    const stat = kind === 'file' ? fs.lstat(join(folder, name)) : null
    return stat === null ? [] : [stat.mode & READ_AND_WRITE]
  })
  const [first, ...others] = modes
  return first === undefined ? {} : { mode: others.reduce((all, mode) => all & mode, first) | OWN }
}

function entryOf({ codec }: Ports, bytes: Uint8Array, stat: FileStat): LocalEntry {
  return { digest: codec.digest(bytes), fingerprint: fingerprintOf(stat), isUnproven: true }
}

/** One that somebody has open is left for an engine to look after, under its temporary name (R1.2). */
async function release(ports: Ports, replacer: Replacer, request: RestoreRequest, kept: Kept): Promise<void> {
  await ports.clock.sleep(KEPT_MS)
  const [writers] = await ports.openFiles.writersOf([kept.temporary])
  if (writers !== 'none') return
  const late = replacer.lookAtKept(kept)
  if (typeof late === 'object') await keep(ports, request, late.bytes)
  replacer.drop(kept)
}

async function keep(ports: Ports, request: RestoreRequest, bytes: Uint8Array): Promise<void> {
  const digest = ports.codec.digest(bytes)
  const { path, device } = request
  const aside = {
    digest,
    version: null,
    cause: 'replaced-by-restore',
    time: ports.clock.now(),
    device,
  } as const
  await ports.state.commit(putAside(request, path, bytes, aside))
}
