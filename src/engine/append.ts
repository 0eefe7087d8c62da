/**
 * Appends to files that programs append to, instead of replacing them (R9.3): they stay the same files, so what the
 * programs write next lands in them and not in one that has lost its name.
 */
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import { mayContinue } from './core/continuation.ts'
import type { LocalEntry } from './core/entry.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { StagedWrite } from './ports/state-store.ts'
import { lookAgain, readSeen } from './read-seen.ts'

interface NewContent {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Those of the files whose new content goes on where the old one ends, and that are open for appending alone. */
export async function appendable(
  { ports }: Context,
  state: ChannelState,
  writes: readonly NewContent[],
): Promise<Set<string>> {
  const longer = writes.filter(({ path, bytes }) => {
    const local = state.local.get(path)
    return local !== undefined && mayContinue(local.fingerprint.size, bytes)
  })
  if (longer.length === 0) return new Set()
  const writers = await ports.openFiles.writersOf(longer.map(({ path }) => path))
  const open = longer.filter((_, index) => writers[index] === 'appending')
  const goesOn = ({ path, bytes }: NewContent): boolean => {
    const { digest, fingerprint } = state.local.get(path)!
    return ports.codec.digest(bytes.subarray(0, fingerprint.size)) === digest
  }
  return new Set(open.filter(goesOn).map(({ path }) => path))
}

/**
 * Of an append that did not come to its end the file may hold a part: the rest is appended as well, or it would look
 * like somebody's edit. What the file holds then; 'later' where that fails now, null where it is no such part.
 */
export function completeAppend(
  context: Context,
  state: ChannelState,
  { path, digest, appendedTo = 0 }: StagedWrite,
): LocalEntry | 'later' | null {
  const whole = digest === null ? null : context.ports.state.readContent(digest)
  const local = state.local.get(path)
  if (digest === null || whole === null || local === undefined) return null
  const { size } = local.fingerprint
  if (size <= appendedTo || size >= whole.length) return null
  try {
    const part = readSeen(context, state, path)
    if (part === null) return 'later'
    if (!startsWith(whole, part)) return null
    const done = context.replacer.append(path, whole, local)
    if (done.kind !== 'done') return null
    lookAgain(context, path)
    return { digest, fingerprint: done.fingerprint, isUnproven: true }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    context.ports.log.info('an append could not be completed', { path, code: error.code })
    return 'later'
  }
}

function startsWith(whole: Uint8Array, part: Uint8Array): boolean {
  return part.every((byte, index) => byte === whole[index])
}
