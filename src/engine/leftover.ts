/**
 * Temporary files that a crash has left behind (R1).
 *
 * One that was about to be put in place holds a content of the database: it can go. One that was put aside
 * may hold the only copy of what a program wrote late: it goes back where it was, or into the history.
 */
import type { ChannelState } from './channel-state.ts'
import { type Context, channelOf } from './context.ts'
import { putAside } from './history.ts'
import { CONFLICT_SUFFIX } from './conflict.ts'
import { FileSystemError } from './ports/file-system.ts'
import { originalPath } from './replace.ts'

export async function recoverLeftovers(context: Context): Promise<void> {
  if (context.leftovers === null) return
  const inUse = context.kept.temporaries()
  const leftovers = context.leftovers.filter(temporary => !inUse.has(temporary))
  context.leftovers = []
  for (const temporary of leftovers) {
    try {
      await recover(context, temporary)
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error
      context.ports.log.info('a temporary file could not be cleared', { path: temporary, code: error.code })
    }
  }
}

async function recover(context: Context, temporary: string): Promise<void> {
  const { fs, codec, state, clock } = context.ports
  if (isPutAside(temporary)) {
    const mtimeMs = fs.lstat(temporary)?.mtimeMs ?? null
    const bytes = fs.read(temporary)
    const digest = codec.digest(bytes)
    const path = originalPath(temporary)
    const owner = ownerOf(context, path)
    if (owner === undefined) return
    const isKept = state.loadHistory(owner.scope, path ?? temporary).some(entry => entry.digest === digest)
    const mayGoBack = path !== null && fs.lstat(path) === null && !path.endsWith(CONFLICT_SUFFIX)
    if (mayGoBack && !(isKept && wasOurDelete(owner, path, digest))) {
      context.replacer.putBack({ path, temporary })
      return context.dirt.mark(path)
    }
    if (!isKept) {
      const aside = {
        digest,
        version: null,
        cause: 'recovered',
        time: clock.now(),
        device: context.device,
        mtimeMs,
      } as const
      await state.commit(putAside(owner, path ?? temporary, bytes, aside))
    }
  }
  fs.unlink(temporary)
}

function isPutAside(temporary: string): boolean {
  return originalPath(temporary) !== null || temporary.endsWith('-old')
}

function ownerOf(context: Context, path: string | null): ChannelState | undefined {
  const found = path === null ? null : context.rules.classify(path)
  return (found?.kind === 'synced' ? channelOf(context, found.channel) : undefined) ?? context.channels[0]
}

/** Sync removed what both sides had agreed on; giving that back would undo the delete everywhere. */
function wasOurDelete(owner: ChannelState, path: string, digest: string): boolean {
  const base = owner.base.get(path)
  return base === undefined || base.digest === digest
}
