/**
 * Temporary files that an earlier session has left behind, by a crash or because a program had them open (R1).
 *
 * One that was about to be put in place holds a content of the database: it can go. One that was put aside
 * may hold the only copy of what a program wrote late: that is an edit of what the file held before, or it goes back
 * where it was, or into the history.
 */
import type { ChannelState } from './channel-state.ts'
import { type Context, channelOf } from './context.ts'
import type { BaseEntry, LocalEntry } from './core/entry.ts'
import { type PutAside, readPutAside } from './core/temporary-name.ts'
import { putAside } from './history.ts'
import { CONFLICT_SUFFIX } from './conflict.ts'
import { UNKNOWN_KEPT_MS } from './kept-files.ts'
import { fingerprintOf } from './look.ts'
import { type FileStat, FileSystemError } from './ports/file-system.ts'
import type { Writers } from './ports/open-files.ts'
import type { StoredHistoryEntry } from './ports/state-store.ts'

export async function recoverLeftovers(context: Context): Promise<void> {
  if (context.leftovers === null) return
  const inUse = context.kept.temporaries()
  const leftovers = context.leftovers.filter(temporary => !inUse.has(temporary))
  context.leftovers = []
  if (leftovers.length === 0) return
  // Before they are looked at: once nobody has them open, nothing comes after the look.
  const writers = await context.ports.openFiles.writersOf(leftovers)
  for (const [index, temporary] of leftovers.entries()) {
    try {
      await recover(context, temporary, writers[index]!)
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error
      context.ports.log.info('a temporary file could not be cleared', { path: temporary, code: error.code })
    }
  }
}

async function recover(context: Context, temporary: string, writers: Writers): Promise<void> {
  const { fs } = context.ports
  const aside = readPutAside(temporary)
  const stat = fs.lstat(temporary)
  if (stat === null) return
  const owner = aside === null ? undefined : ownerOf(context, aside.path)
  if (aside !== null && owner === undefined) return
  if (aside !== null && (await keep(context, owner!, { ...aside, temporary, stat, writers }))) return
  fs.unlink(temporary)
}

interface Leftover extends PutAside {
  readonly temporary: string
  readonly stat: FileStat
  readonly writers: Writers
}

/** Whether it is of any more use under this name, or has none any more. */
async function keep(context: Context, owner: ChannelState, leftover: Leftover): Promise<boolean> {
  const { fs, codec, state, clock } = context.ports
  const { temporary, path, stat } = leftover
  // A crash came before anything took its place: it has both names.
  if (path !== null && fs.lstat(path)?.ino === stat.ino) return false
  const bytes = fs.read(temporary)
  const digest = codec.digest(bytes)
  const versions = state.loadHistory(owner.scope, path ?? temporary)
  const isKept = versions.some(version => version.digest === digest)
  const mayGoBack = path !== null && fs.lstat(path) === null && !path.endsWith(CONFLICT_SUFFIX)
  if (mayGoBack && !(isKept && isAsPutAside(leftover, digest))) {
    context.replacer.putBack({ path, temporary })
    context.dirt.mark(path)
    return true
  }
  const former = formerOf(versions, leftover)
  const isAsItWas = former?.digest === digest
  if (path !== null && former !== undefined && !isAsItWas && isWritten(owner, { ...leftover, path }, former))
    return adopt(context, owner, { ...leftover, path }, former)
  if (!isKept) {
    const aside = { digest, version: null, cause: 'recovered', device: context.device } as const
    const changes = putAside(owner, path ?? temporary, bytes, { ...aside, time: clock.now() })
    await state.commit(changes)
  }
  if (path === null || !mayBeWritten(leftover, clock.now())) return false
  const now = {
    digest,
    size: bytes.length,
    version: null,
    cause: 'recovered',
    mtimeMs: stat.mtimeMs,
  } as const
  return adopt(context, owner, { ...leftover, path }, isAsItWas ? former : now)
}

/** A power cut may have brought the name back, with what the file held before it was put aside: that is no edit (R4.6). */
function isWritten(
  { base }: ChannelState,
  { path, stat }: Leftover & { path: string },
  former: Former,
): boolean {
  if (base.get(path)?.doubt !== 'not-flushed') return true
  return former.mtimeMs !== null && stat.mtimeMs > former.mtimeMs
}

/** What the file held when it was put aside, as far as its name tells. */
function formerOf(
  versions: readonly StoredHistoryEntry[],
  { former }: PutAside,
): StoredHistoryEntry | undefined {
  return former === null ? undefined : versions.find(({ digest }) => digest.startsWith(former))
}

/** Where the system does not tell, its name was made when its change time was set, or it was written since. */
function mayBeWritten({ writers, stat }: Leftover, now: number): boolean {
  if (writers === 'unknown') return Math.abs(now - stat.ctimeMs) < UNKNOWN_KEPT_MS
  return writers !== 'none'
}

/** From here on it is looked after like one that this session has put aside. */
function adopt(
  { kept, ports }: Context,
  owner: ChannelState,
  { path, temporary, stat }: Leftover & { readonly path: string },
  former: Former,
): true {
  const { digest } = former
  const entry: LocalEntry = { digest, fingerprint: fingerprintOf(stat), isUnproven: true }
  const removed = ports.fs.lstat(path) === null
  const change = { base: formerBase(owner, path, former), written: null }
  kept.adopt({ path, temporary, former: entry, removed }, owner, change)
  return true
}

type Former = Pick<StoredHistoryEntry, 'digest' | 'size' | 'version' | 'cause' | 'mtimeMs'>

/** What both sides had agreed on then, if it was that. Its etag is no record's any more. */
function formerBase(
  { base }: ChannelState,
  path: string,
  { digest, size, version, cause }: Former,
): BaseEntry | null {
  const current = base.get(path)
  if (current?.digest === digest) return current
  const wasAgreed = (cause === 'overwritten' || cause === 'deleted') && version !== null
  return wasAgreed ? { digest, size, etag: '', version, fingerprint: null } : null
}

function ownerOf(context: Context, path: string | null): ChannelState | undefined {
  const found = path === null ? null : context.rules.classify(path)
  return (found?.kind === 'synced' ? channelOf(context, found.channel) : undefined) ?? context.channels[0]
}

/** Then it was to be deleted or replaced, and what has become of its path since is somebody's decision. */
function isAsPutAside({ former }: PutAside, digest: string): boolean {
  return former !== null && digest.startsWith(former)
}
