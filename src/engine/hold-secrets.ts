/**
 * Holds what would send a value that looks like a secret for the first time (R10.12).
 *
 * What is asked about are the very bytes that would be sent, just before. For clean contents that is one search over them;
 * where it stops at something, the rules say whether it is a secret, and whether the record, or the base, has had it.
 */
import type { LocalEntry } from './core/entry.ts'
import { mayHoldSecret } from './core/secret-search.ts'
import { allowedKey, type FoundSecret, maskedSecret, newSecrets, secretProblem } from './core/secrets.ts'
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import { decodeContent } from './core/content.ts'
import type { Plan, Step } from './plan.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { HoldRecord, StateChange } from './ports/state-store.ts'
import { readSeen } from './read-seen.ts'

export const SECRET = 'secret'

/** Larger contents are searched in slices, so that the event loop has its turns. */
const SEARCHED_AT_ONCE_BYTES = 256 * 1024

/** Whether these bytes have to be looked at more closely. */
export function isSuspect(bytes: Uint8Array): boolean {
  return bytes.length > SEARCHED_AT_ONCE_BYTES || mayHoldSecret(bytes)
}

interface Content {
  readonly path: string
  readonly local: LocalEntry
  readonly bytes: Uint8Array
}

/** The hold of what may not go, with its problem told; null where it may. */
export async function holdOfSecrets(
  context: Context,
  state: ChannelState,
  { path, local, bytes }: Content,
): Promise<HoldRecord | null> {
  const secrets = await askedAbout(context, state, { path, local, bytes })
  if (secrets.length === 0) {
    state.secrets.delete(path)
    context.problems.clear(SECRET, path)
    return null
  }
  const masked = secrets.map(maskedSecret)
  state.secrets.set(path, masked)
  context.problems.report(secretProblem(path, masked))
  const before = state.holds.get(path)
  const since = before?.reason === SECRET ? before.since : context.ports.clock.now()
  const { channel } = state
  return {
    channel,
    side: 'remote',
    path,
    digest: local.digest,
    kind: 'content',
    incoming: null,
    reason: SECRET,
    since,
  }
}

/**
 * What is held stays so without another try, for as long as there is something to ask about in it; in a preview, where
 * nothing is sent, all that would go is looked at.
 */
export async function holdSecrets(
  context: Context,
  state: ChannelState,
  plan: Plan,
  { isPreview }: { readonly isPreview: boolean },
): Promise<void> {
  const go: Step[] = []
  for (const step of plan.pushes) {
    const { path } = step
    const isAsked = isPreview || state.holds.get(path)?.reason === SECRET
    const hold = isAsked ? await holdOfFile(context, state, path) : null
    if (hold === null) go.push(step)
    else plan.holds.push(hold)
  }
  plan.pushes.splice(0, plan.pushes.length, ...go)
}

async function holdOfFile(context: Context, state: ChannelState, path: string): Promise<HoldRecord | null> {
  const content = readContent(context, state, path)
  if (content === null || !isSuspect(content.bytes)) return null
  return holdOfSecrets(context, state, content)
}

/** What a person's yes to a held file leads to: its values are not asked about again, in whatever file of the channel. */
export async function allowSecrets(
  context: Context,
  state: ChannelState,
  { path, digest }: HoldRecord,
): Promise<StateChange[]> {
  const content = readContent(context, state, path)
  if (content === null || content.local.digest !== digest) return []
  const secrets = await askedAbout(context, state, content)
  return secrets.map(secret => ({ kind: 'trust-add', trust: trustOf(context, state, secret) }))
}

function readContent(context: Context, state: ChannelState, path: string): Content | null {
  const local = state.local.get(path)
  if (local === undefined) return null
  try {
    const bytes = readSeen(context, state, path)
    return bytes === null ? null : { path, local, bytes }
  } catch (error) {
    // What is wrong with the file shows when it is looked at.
    if (error instanceof FileSystemError) return null
    throw error
  }
}

/** Values that neither the record nor the base has had, and that nobody has allowed. */
async function askedAbout(context: Context, state: ChannelState, content: Content): Promise<FoundSecret[]> {
  const { secrets, state: store } = context.ports
  const found = await secrets.scan(content.bytes, context.signal)
  const open = found.filter(secret => !store.isTrusted(trustOf(context, state, secret)))
  if (open.length === 0 || isKnownContent(state, content)) return []
  return newSecrets(open, await knownSecrets(context, state, content.path))
}

/** A file that was moved, or copied: the database holds this content as it is. */
function isKnownContent({ base }: ChannelState, { local: { digest } }: Content): boolean {
  for (const entry of base.values()) if (entry.digest === digest) return true
  return false
}

async function knownSecrets(context: Context, state: ChannelState, path: string): Promise<FoundSecret[]> {
  const known: FoundSecret[] = []
  for (const bytes of await knownContents(context, state, path))
    if (isSuspect(bytes)) known.push(...(await context.ports.secrets.scan(bytes, context.signal)))
  return known
}

/** What both sides last agreed on, where it is kept, and what the record holds, where that is something else. */
async function knownContents({ ports }: Context, state: ChannelState, path: string): Promise<Uint8Array[]> {
  const base = state.base.get(path)
  const remote = state.remote.get(path)
  const kept = base === undefined ? null : ports.state.readContent(base.digest)
  const isRead = remote !== undefined && (kept === null || remote.etag !== base?.etag)
  const [read] = isRead ? await state.store.read([path]) : []
  const record = read?.status === 'found' ? decodeContent(read.file.content, ports.codec) : null
  return [kept, record].filter(bytes => bytes !== null)
}

function trustOf({ ports: { secrets } }: Context, { channel }: ChannelState, secret: FoundSecret) {
  return { reason: SECRET, path: null, what: secrets.trace(allowedKey(channel, secret)) } as const
}
