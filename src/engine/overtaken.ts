/**
 * Programs that sync has overtaken: they had read a file just before sync replaced it, and wrote it back just
 * after (R1, R5).
 *
 * Such a write is an edit of what the program has read. Taken for an edit of what sync has put there, it would
 * take the other side's change back, everywhere. So a content that begins to appear within OVERTAKEN_MS after
 * sync has replaced a file is merged: what was replaced as the base, the program's write here, sync's there. A program
 * that has read sync's version has its changes too, and then the merge is what it wrote.
 */
import { mergePolicy } from './core/conflict-policy.ts'
import type { Digest, Fingerprint } from './core/entry.ts'
import { appendedTo, isLogFile } from './core/log-file.ts'
import { granuleMs, isCoarse } from './core/racy.ts'
import { LARGEST_MERGED_BYTES } from './base-content.ts'
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import { FileSystemError } from './ports/file-system.ts'
import { readSeen } from './read-seen.ts'
import type { LateWrite, Replacement } from './replacements.ts'
import { replaceWithEdit } from './write-local.ts'

/**
 * From read to write a program that changes a value takes far less, even while others need the processor, in
 * milliseconds. One that answers to what sync has brought, and takes exactly that back, seldom does it as fast;
 * then its version is in the history.
 */
const OVERTAKEN_MS = 100

/** Before anything is decided: puts such writes on top of what sync has written. */
export async function mergeOvertaken(context: Context, state: ChannelState): Promise<void> {
  await mergeLateWrites(context, state)
  const changed = state.replacements.takeChanged((path, digest) => {
    const local = state.local.get(path)
    return local !== undefined && local.digest !== digest && !context.dirt.isWaiting(path)
  })
  for (const [path, replacement] of changed) {
    const { digest, fingerprint } = state.local.get(path)!
    // What was there before, to the byte, was put back on purpose.
    if (digest === replacement.former || !isOvertaken(fingerprint, replacement)) continue
    if (mergePolicy(context.rules.conflictPolicy(path)) === null) continue
    const local = readLocal(context, state, path)
    const edit = local === null ? null : { path, former: replacement.former, bytes: local }
    const isDone = edit !== null && (await putOnTop(context, state, edit, replacement.bytes))
    // The program goes on writing, and carries along what it has read.
    if (!isDone) state.replacements.putBack(path, replacement)
  }
}

/** What was written into a file that sync had replaced, and that something newer has replaced since. */
async function mergeLateWrites(context: Context, state: ChannelState): Promise<void> {
  const isReady = ({ path }: LateWrite): boolean => !context.dirt.isWaiting(path)
  const ready = state.lateWrites.filter(isReady)
  const waiting = state.lateWrites.filter(late => !isReady(late))
  state.lateWrites.splice(0, state.lateWrites.length, ...waiting)
  for (const late of ready) {
    if (mergePolicy(context.rules.conflictPolicy(late.path)) === null || !state.local.has(late.path)) continue
    const current = readLocal(context, state, late.path)
    if (current === null || !(await putOnTop(context, state, { ...late, isLate: true }, current)))
      state.lateWrites.push(late)
  }
}

interface Overtaking extends LateWrite {
  /** Written into the file that was replaced, so it has nothing of what sync has put in its place. */
  readonly isLate?: boolean
}

/** Puts an edit of `former` on top of another content; false: try again. Where they do not merge, what stands there stays. */
async function putOnTop(
  context: Context,
  state: ChannelState,
  edit: Overtaking,
  current: Uint8Array,
): Promise<boolean> {
  const bytes = await mergedBytes(context, edit, current)
  if (bytes === 'unfinished') return false
  const there = state.local.get(edit.path)?.digest
  if (bytes === null || context.ports.codec.digest(bytes) === there) return true
  context.ports.log.info('a program had read a file before sync replaced it', { path: edit.path })
  return replaceWithEdit(context, state, edit.path, bytes)
}

/**
 * Whether writes began right after sync's own: a program that goes on writing carries along what it has read.
 * An older file that was moved there, or came back with its drive, is none of them. Whole seconds do not tell how soon
 * a write came, so there it counts when it was first seen.
 */
function isOvertaken(fingerprint: Fingerprint, { at, changedAt = Infinity }: Replacement): boolean {
  const written = Math.max(fingerprint.mtimeMs, fingerprint.ctimeMs)
  const began = isCoarse(fingerprint) ? changedAt : Math.min(written, changedAt)
  return written >= at - granuleMs(fingerprint) && began <= at + OVERTAKEN_MS
}

/** Null where they do not merge; 'unfinished' where the program is in the middle of a line. */
async function mergedBytes(
  context: Context,
  { path, former, bytes: edited, isLate }: Overtaking,
  current: Uint8Array,
): Promise<Uint8Array | 'unfinished' | null> {
  const policy = mergePolicy(context.rules.conflictPolicy(path))
  if (policy === null) return null
  const { codec, merger } = context.ports
  const base = readKept(context, former)
  const sides = [base, edited, current]
  if (sides.some(bytes => bytes === null || bytes.length > LARGEST_MERGED_BYTES)) return null
  const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : codec.decodeUtf8(bytes))
  const [baseText, editText, currentText] = [text(base), text(edited), text(current)]
  if (baseText === null || editText === null || currentText === null) return null
  if (isLate === true && (policy === 'union' || isLogFile(path))) {
    const appended = appendedTo(currentText, { former: baseText, edited: editText })
    if (appended !== null) return appended === 'unfinished' ? appended : codec.encodeUtf8(appended.text)
  }
  const file = { path, policy, base: baseText, local: editText, remote: currentText }
  const result = await merger.merge(file, context.signal)
  return result.kind === 'merged' ? codec.encodeUtf8(result.text) : null
}

function readLocal(context: Context, state: ChannelState, path: string): Uint8Array | null {
  try {
    return readSeen(context, state, path)
  } catch (error) {
    // It is looked at again when its next change is told.
    if (error instanceof FileSystemError) return null
    throw error
  }
}

function readKept({ ports: { state, log } }: Context, digest: Digest): Uint8Array | null {
  try {
    return state.readContent(digest)
  } catch (error) {
    log.error('a kept content cannot be read', { error: String(error) })
    return null
  }
}
