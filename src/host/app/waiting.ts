/** Files that wait for their content (R10.6), and the paths whose contents this device trusts (R10.7), for a client. */
import type { WaitingRow } from '../../contract/files.ts'
import type { Body } from '../../contract/words.ts'
import { patternOf } from '../../engine/core/patterns.ts'
import type { WaitingReport } from '../../engine/report.ts'
import type { TrustChange } from '../waiting-contents.ts'
import { bodyOf } from './body.ts'
import { notFound, stale } from './errors.ts'
import type { FolderEntry } from './folder-entry.ts'

interface ContentDetail extends WaitingRow {
  readonly hash: string
  readonly pattern: string
  readonly content: Body | null
  readonly here: Body | null
}

export async function waitingPage(
  entry: FolderEntry,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ total: number; rows: WaitingRow[] }> {
  const waiting = await entry.ask(async folder => folder.waiting())
  return { total: waiting.length, rows: waiting.slice(offset, offset + limit) }
}

/** Throws NOT_FOUND where nothing waits there. */
export async function waitingContent(entry: FolderEntry, path: string): Promise<ContentDetail> {
  const found = await waitingAt(entry, path)
  if (found === null) throw notFound('hold', `${path} waits for nobody any more.`)
  const { content, here, ...row } = found
  return {
    ...row,
    pattern: patternOf(path),
    content: content === null ? null : bodyOf(content),
    here: here === null ? null : bodyOf(here),
  }
}

/** Throws STALE where another content waits than the one that was shown. */
export async function allowContent(
  entry: FolderEntry,
  { path, hash }: { readonly path: string; readonly hash: string },
  signal: AbortSignal,
): Promise<{ done: number; waiting: number }> {
  const request = { decision: 'approve', names: [path], digest: hash } as const
  if ((await waitingAt(entry, path))?.hash !== hash)
    throw stale({}, 'Another content waits by now. Look at it again; nothing was done.')
  const outcome = await entry.decide(folder => folder.decide(request, signal, () => {}))
  entry.touch('holds', 'files', 'activity')
  entry.note({ kind: 'approved', author: 'person', path, reason: 'Somebody let what waited come.' })
  return { done: outcome.done.length, waiting: outcome.waiting }
}

export async function trustedPaths(entry: FolderEntry): Promise<{ patterns: string[] }> {
  const { patterns } = await entry.ask(async folder => folder.trust())
  return { patterns: [...patterns] }
}

/** Throws REFUSED for what is no pattern. */
export async function changeTrust(entry: FolderEntry, change: TrustChange): Promise<{ patterns: string[] }> {
  const { patterns } = await entry.decide(folder => folder.changeTrust(change))
  entry.touch('holds', 'rules')
  for (const pattern of change.add)
    note(entry, `Somebody trusts ${pattern} on this device, whoever it comes from.`)
  for (const pattern of change.remove) note(entry, `Somebody no longer trusts ${pattern} on this device.`)
  return { patterns: [...patterns] }
}

function note(entry: FolderEntry, reason: string): void {
  entry.note({ kind: 'approved', author: 'person', reason })
}

async function waitingAt(entry: FolderEntry, path: string): Promise<WaitingReport | null> {
  return entry.ask(async folder => folder.waitingAt(path))
}
