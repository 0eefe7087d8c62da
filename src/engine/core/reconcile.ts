/**
 * What to do about one path, given what each side holds and what both last agreed on (R4).
 *
 * Pure and total. Its one promise (R1): an action that discards a content is returned only when that
 * content equals the base, so the other side's change is the only one there is.
 *
 * Where the watch over the files was broken, a file that is missing is fetched again, and one that a power cut has
 * left older than its base is no edit: nothing is deleted or pushed for either (R4).
 *
 * Heads carry no content, so a changed record is at first known by its etag alone. Where the decision
 * hangs on what it holds, the answer is `compare`: fetch it, and ask again.
 */
import type { RecordsBreak } from './breaks.ts'
import { type Continuity, type Doubt, isEdit, isOfAnotherBase, WATCHED } from './continuity.ts'
import type { BaseEntry, LocalEntry, RemoteEntry } from './entry.ts'

export type Reason =
  | 'local-new'
  | 'local-edit'
  | 'local-delete'
  | 'local-lost'
  | 'remote-new'
  | 'remote-edit'
  | 'remote-delete'
  | 'edit-beats-delete'
  | 'both-changed'
  | 'both-new'

interface Change {
  readonly reason: Reason
  /** The side that it comes from is in doubt: it waits for a person (R8). */
  readonly doubt?: Doubt
}

export type Action =
  | { readonly kind: 'none' }
  /** Gone on both sides: drop the base. */
  | { readonly kind: 'forget' }
  /** Equal on both sides: record it as the base. */
  | { readonly kind: 'adopt' }
  /** Undecidable without the remote content: fetch it, and ask again. */
  | { readonly kind: 'compare' }
  | ({ readonly kind: 'push' } & Change)
  | ({ readonly kind: 'pull' } & Change)
  | ({ readonly kind: 'delete-local' } & Change)
  | ({ readonly kind: 'delete-remote' } & Change)
  | { readonly kind: 'conflict'; readonly reason: Reason }

export type ActionKind = Action['kind']

const NONE: Action = { kind: 'none' }
const FORGET: Action = { kind: 'forget' }
const ADOPT: Action = { kind: 'adopt' }
const COMPARE: Action = { kind: 'compare' }

export function reconcilePath(
  base: BaseEntry | null,
  local: LocalEntry | null,
  remote: RemoteEntry | null,
  continuity: Continuity = WATCHED,
): Action {
  if (local === null && remote === null) return base === null ? NONE : FORGET
  if (continuity.records !== null) return withOlderRecord(base!, local, remote, continuity.records)
  if (continuity.files === 'root-exchanged' || continuity.files === 'file-older')
    return amongPutBack(base!, local, remote, continuity.files)
  // What the drive has brought back is what it had before.
  if (continuity.files === 'beneath-mount' && local !== null)
    return amongPutBack(base!, local, remote, 'file-older')
  if (local === null) return withoutLocal(base, remote!, continuity)
  const lost = base !== null && local.digest !== base.digest && !isEdit(base, local, continuity)
  if (lost) return withLostLocal(local, remote)
  if (remote === null) return withoutRemote(base, local)
  if (base !== null && local.digest !== base.digest && isOfAnotherBase(base, continuity))
    return onBothSides(null, local, remote)
  return onBothSides(base, local, remote)
}

/** Nothing is overwritten or deleted for a record that is older than the base; what is edited here goes on. */
function withOlderRecord(
  base: BaseEntry,
  local: LocalEntry | null,
  remote: RemoteEntry | null,
  doubt: RecordsBreak,
): Action {
  if (remote === null) {
    const isEdited = local !== null && local.digest !== base.digest
    if (isEdited) return { kind: 'push', reason: 'edit-beats-delete' }
    return { kind: 'delete-local', reason: 'remote-delete', doubt }
  }
  if (remote.digest === null) return COMPARE
  if (local === null) return { kind: 'delete-remote', reason: 'local-delete', doubt }
  return remote.digest === local.digest ? ADOPT : { kind: 'pull', reason: 'remote-edit', doubt }
}

/** All that differs from what was agreed on waits for a person; what is equal decides as ever. */
function amongPutBack(
  base: BaseEntry,
  local: LocalEntry | null,
  remote: RemoteEntry | null,
  doubt: Extract<Doubt, 'root-exchanged' | 'file-older'>,
): Action {
  if (local === null) return besideCopy(base, remote!, doubt)
  if (remote === null) return withoutRemote(base, local)
  const action = onBothSides(base, local, remote)
  const isKept = local.digest === base.digest || action.kind === 'compare' || action.kind === 'adopt'
  return isKept ? action : { kind: 'push', reason: 'local-edit', doubt }
}

/** A file that is missing there: its delete would wait, and an edit of its record beats that. */
function besideCopy(base: BaseEntry, remote: RemoteEntry, doubt: Doubt): Action {
  const action = withoutLocal(base, remote, WATCHED)
  return action.kind === 'delete-remote' ? { ...action, doubt } : action
}

/** What lies here is what an earlier version has left, and goes into the history. */
function withLostLocal(local: LocalEntry, remote: RemoteEntry | null): Action {
  if (remote === null) return { kind: 'delete-local', reason: 'remote-delete' }
  return remote.digest === local.digest ? ADOPT : { kind: 'pull', reason: 'local-lost' }
}

function withoutRemote(base: BaseEntry | null, local: LocalEntry): Action {
  if (base === null) return { kind: 'push', reason: 'local-new' }
  if (local.digest === base.digest) return { kind: 'delete-local', reason: 'remote-delete' }
  return { kind: 'push', reason: 'edit-beats-delete' } // R7
}

function withoutLocal(base: BaseEntry | null, remote: RemoteEntry, { files }: Continuity): Action {
  if (base === null) return { kind: 'pull', reason: 'remote-new' }
  if (files === 'mount-away') return { kind: 'delete-remote', reason: 'local-delete', doubt: files }
  if (files !== null) return { kind: 'pull', reason: 'local-lost' }
  const digest = remoteDigest(base, remote)
  // A new version need not be a new content: an older writer may have written the same text again.
  if (digest === null) return COMPARE
  if (digest === base.digest) return { kind: 'delete-remote', reason: 'local-delete' }
  return { kind: 'pull', reason: 'edit-beats-delete' } // R7
}

function onBothSides(base: BaseEntry | null, local: LocalEntry, remote: RemoteEntry): Action {
  const digest = remoteDigest(base, remote)
  const localUnchanged = base !== null && local.digest === base.digest
  if (digest === null) return localUnchanged ? { kind: 'pull', reason: 'remote-edit' } : COMPARE
  if (digest === local.digest) return localUnchanged && remote.etag === base.etag ? NONE : ADOPT
  if (localUnchanged) return { kind: 'pull', reason: 'remote-edit' }
  if (base !== null && digest === base.digest) return { kind: 'push', reason: 'local-edit' }
  return { kind: 'conflict', reason: base === null ? 'both-new' : 'both-changed' } // R5, R6
}

/** The remote content's digest, known without fetching while the record is the one the base names. */
function remoteDigest(base: BaseEntry | null, remote: RemoteEntry): string | null {
  return base !== null && remote.etag === base.etag ? base.digest : remote.digest
}
