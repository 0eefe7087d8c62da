/** What is held until a person decides (R8), in groups with words, and the decision about exactly that. */
import { createHash } from 'node:crypto'
import type { HoldGroup, HoldRow } from '../../contract/files.ts'
import { isFolderHeld } from '../../engine/core/guard.ts'
import { SECRET } from '../../engine/hold-secrets.ts'
import type { HoldRecord } from '../../engine/ports/state-store.ts'
import { stale } from './errors.ts'
import type { DecisionRequest } from '../folder.ts'
import type { FolderEntry } from './folder-entry.ts'
import { Slices, sortInSlices } from './slices.ts'
import type { InChannel } from './stored-folder.ts'

export interface HoldsPage {
  readonly token: string
  readonly total: number
  readonly groups: HoldGroup[]
  readonly rows: HoldRow[]
}

export async function holdsPage(
  entry: FolderEntry,
  { offset, limit }: { offset: number; limit: number },
): Promise<HoldsPage> {
  const { holds, token } = await heldNow(entry)
  return {
    token,
    total: holds.length,
    groups: groupsOf(holds),
    rows: holds.slice(offset, offset + limit).map(({ path, channel, kind, side, reason, since }) => ({
      folderId: entry.id,
      path,
      channel,
      kind,
      side,
      reason,
      since,
      secrets: entry.secrets(channel, path).map(({ name, line, masked }) => ({ name, line, masked })),
    })),
  }
}

/** Throws STALE where something else is held than what the token stands for. */
export async function decideHolds(
  entry: FolderEntry,
  request: DecisionRequest,
  token: string,
  signal: AbortSignal,
): Promise<{ done: number; waiting: number }> {
  await requireSame(entry, token)
  const outcome = await entry.decide(folder => folder.decide(request, signal, () => {}))
  entry.touch('holds', 'files', 'activity')
  if (outcome.app !== undefined) {
    entry.note({
      kind: 'approved',
      author: 'person',
      reason: `Somebody let the folder go on as the app ${outcome.app}.`,
    })
    return { done: 0, waiting: 0 }
  }
  const count = outcome.done.length + outcome.waiting
  const isApproved = request.decision === 'approve'
  const verb = isApproved ? 'approved' : 'took back'
  const reason = `Somebody ${verb} ${count.toLocaleString('en-US')} held ${count === 1 ? 'change' : 'changes'}.`
  entry.note({ kind: isApproved ? 'approved' : 'restored', author: 'person', reason })
  return { done: outcome.done.length, waiting: outcome.waiting }
}

/** Throws like `decideHolds`, and DecisionError where a file cannot be excluded alone. */
export async function excludeHeld(
  entry: FolderEntry,
  { only, token }: { readonly only: readonly string[]; readonly token: string },
): Promise<{ excluded: number }> {
  const { holds } = await requireSame(entry, token)
  const held = new Set(holds.filter(({ reason }) => reason === SECRET).map(({ path }) => path))
  const paths = only.filter(path => held.has(path))
  await entry.ask(async folder => folder.exclude(paths))
  entry.refresh({ force: true })
  entry.touch('holds', 'files', 'activity', 'rules')
  const files = paths.length === 1 ? paths[0]! : `${paths.length} files`
  entry.note({ kind: 'saved', author: 'person', reason: `Somebody excluded ${files}.` })
  return { excluded: paths.length }
}

async function requireSame(entry: FolderEntry, token: string): Promise<Awaited<ReturnType<typeof heldNow>>> {
  const now = await heldNow(entry)
  if (now.token === token) return now
  const message = 'Other files are held by now. Look at them again; nothing was done.'
  throw stale({ token: now.token, total: now.holds.length }, message)
}

export function decisionOf(
  decision: DecisionRequest['decision'],
  { only }: { readonly only?: readonly string[] | undefined },
): DecisionRequest {
  return { decision, names: only ?? null }
}

type Held = readonly InChannel<HoldRecord>[]

/** By path, with a token that stands for exactly these; without those that wait alone (waiting.ts). */
async function heldNow(entry: FolderEntry): Promise<{ holds: Held; token: string }> {
  const held = entry.holds().filter(({ reason }) => isFolderHeld(reason))
  const holds = await sortInSlices(held, (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const digest = createHash('sha256')
  const slices = new Slices()
  for (const { path, channel, side, kind, digest: content, incoming } of holds) {
    digest.update(JSON.stringify([channel, side, kind, path, content, incoming]))
    const rest = slices.tick()
    if (rest !== undefined) await rest
  }
  return { holds, token: digest.digest('hex') }
}

function groupsOf(holds: Held): HoldGroup[] {
  const groups = new Map<string, HoldGroup>()
  for (const { kind, side, reason, since } of holds) {
    const key = `${kind} ${side} ${reason}`
    const known = groups.get(key)
    groups.set(key, {
      kind,
      side,
      reason,
      message: '',
      count: (known?.count ?? 0) + 1,
      since: Math.min(known?.since ?? since, since),
    })
  }
  return [...groups.values()].map(group => ({ ...group, message: messageOf(group) }))
}

function messageOf({ kind, side, reason, count }: HoldGroup): string {
  const files = count === 1 ? '1 file' : `${count.toLocaleString('en-US')} files`
  if (reason === SECRET)
    return `${files} on this device ${count === 1 ? 'holds' : 'hold'} what looks like secrets, and ${count === 1 ? 'is' : 'are'} not sent. Take them out, allow them, or exclude the ${count === 1 ? 'file' : 'files'}.`
  if (kind === 'gone') {
    const where = side === 'local' ? 'from this device' : 'from the database'
    return `${files} had gone ${where} before the others were held. Restoring brings ${count === 1 ? 'it' : 'them'} back.`
  }
  if (reason === 'private-elsewhere') {
    const are = count === 1 ? 'is' : 'are'
    return `${files} here ${are} private to another user, or ${count === 1 ? 'was' : 'were'} private until the patterns changed. Approving sends ${count === 1 ? 'it' : 'them'} as configured now. To keep ${count === 1 ? 'it' : 'them'} private, set the user or the patterns back.`
  }
  const here = side === 'local' ? 'on this device' : 'in the database'
  const what =
    kind === 'delete' ? `Approving deletes ${files} ${here}.` : `Approving changes ${files} ${here}.`
  const cause = side === 'local' ? 'in the database' : 'on this device'
  const why = WHY[reason]?.(cause) ?? 'This looks like an accident.'
  const choice = kind === 'change' ? OF_OLDER[reason]?.(files) : undefined
  return `${why} ${choice ?? `${what} Restoring keeps ${count === 1 ? 'it' : 'them'}.`}`
}

/** Of contents that were put back: which of the two answers makes which of them current. */
const OF_OLDER: Readonly<Record<string, (files: string) => string>> = {
  'folder-restored': files =>
    `Restoring brings ${files} up to date. Approving makes the older contents the current ones everywhere.`,
  'root-exchanged': files =>
    `Restoring brings ${files} to what the database holds. Approving makes what lies here the current contents everywhere.`,
  'database-restored': files =>
    `Restoring puts the newer contents of ${files} back into the database. Approving makes the older ones current.`,
}

/** `cause`: the side whose change the other one would follow. */
const WHY: Readonly<Record<string, (cause: string) => string>> = {
  'mass-delete': cause => `Many files were deleted at once ${cause}.`,
  'mass-change': cause => `Many files were changed at once ${cause}.`,
  'local-emptied': () => 'The content folder on this device is empty.',
  'database-emptied': () => 'The database holds no files of this folder any more.',
  'mount-away': () => 'The drive that they lie on is not mounted.',
  'root-exchanged': () => 'The content folder is not the one that was synced before.',
  'folder-restored': () => 'Older copies of files were put back on this device.',
  'database-exchanged': () => 'The database is not the one that was synced before.',
  'server-deletes': () =>
    'An agent-native server keeps private files in this channel, and deletes records of others when it starts.',
  'database-restored': () => 'The database looks as if an older copy of it had been restored.',
}
