/** What is held until a person decides (R8), in groups with words, and the decision about exactly that. */
import { createHash } from 'node:crypto'
import type { HoldGroup, HoldRow } from '../../contract/files.ts'
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
  const now = await heldNow(entry)
  if (now.token !== token) {
    const message = 'Other files are held by now. Look at them again; nothing was done.'
    throw stale({ token: now.token, total: now.holds.length }, message)
  }
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

export function decisionOf(
  decision: DecisionRequest['decision'],
  { only }: { readonly only?: readonly string[] | undefined },
): DecisionRequest {
  return { decision, names: only ?? null }
}

/** Of the files that wait for their content others tell (waiting.ts). */
interface HeldRecord extends InChannel<HoldRecord> {
  readonly kind: HoldRow['kind']
}

type Held = readonly HeldRecord[]

function isHeld(hold: InChannel<HoldRecord>): hold is HeldRecord {
  return hold.kind !== 'content'
}

/** By path, with a token that stands for exactly these. */
async function heldNow(entry: FolderEntry): Promise<{ holds: Held; token: string }> {
  const holds = await sortInSlices(entry.holds().filter(isHeld), (a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : 0,
  )
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
