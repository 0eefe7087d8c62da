/** What a program hears on `syncEvents`: the names and shapes that agent-native servers listen for. */
import type { ConflictSides } from '../engine/report.ts'
import type { SessionEvent } from '../engine/status.ts'

/** So much of each side goes into a notice, in characters. */
const SNIPPET_LENGTH = 500

export type FileSyncEvent = { readonly source: 'sync'; readonly path: string } &
  /** Sync has changed or removed the file here. */
  (
    | { readonly type: 'updated' }
    /** Both sides have changed; the database's version lies beside the file. */
    | { readonly type: 'conflict-saved'; readonly conflictFile: string }
    /** The same conflict, for an agent to look into: the first 500 characters of each side. */
    | { readonly type: 'conflict-needs-llm'; readonly localSnippet: string; readonly remoteSnippet: string }
    | {
        readonly type: 'conflict-resolved'
        readonly strategy: 'auto-merge' | 'local-wins' | 'remote-wins'
      }
    /** The file does not sync at the moment; `message` says why and what to do. */
    | { readonly type: 'error'; readonly code: string; readonly message: string }
  )

export interface FileSyncEvents {
  sync: [event: FileSyncEvent]
  /** Around the first look at both sides, in which many files may change. */
  'sync-burst-start': []
  'sync-burst-end': []
}

type FileEvent = Extract<SessionEvent, { type: 'file' }>

export function syncEventsOf(event: SessionEvent, conflictAt: (path: string) => ConflictSides | null) {
  if (event.type === 'file') return eventsOfFile(event, conflictAt)
  if (event.type !== 'problem' || event.path === undefined) return []
  const { path, code, message } = event
  return [{ source: 'sync', type: 'error', path, code, message }] satisfies FileSyncEvent[]
}

function eventsOfFile(
  { path, action, reason }: FileEvent,
  conflictAt: (path: string) => ConflictSides | null,
): FileSyncEvent[] {
  const source = 'sync'
  switch (action) {
    case 'pull':
    case 'delete-local':
      return [{ source, type: 'updated', path }]
    case 'merge':
      return [{ source, type: 'conflict-resolved', path, strategy: 'auto-merge' }]
    case 'resolve':
      return [{ source, type: 'conflict-resolved', path, strategy: strategyOf(reason) }]
    case 'conflict': {
      const conflict = conflictAt(path)
      const snippet = (side: ConflictSides['local']): string => (side?.content ?? '').slice(0, SNIPPET_LENGTH)
      return [
        { source, type: 'conflict-saved', path, conflictFile: `${path}.conflict` },
        {
          source,
          type: 'conflict-needs-llm',
          path,
          localSnippet: snippet(conflict?.local ?? null),
          remoteSnippet: snippet(conflict?.remote ?? null),
        },
      ]
    }
    case 'push':
    case 'delete-remote':
    case 'skip':
      return []
  }
}

/** Only these three have a name; what a person has put together from both sides counts as a merge. */
function strategyOf(reason: string): 'auto-merge' | 'local-wins' | 'remote-wins' {
  if (reason.includes('local')) return 'local-wins'
  return reason.includes('remote') ? 'remote-wins' : 'auto-merge'
}
