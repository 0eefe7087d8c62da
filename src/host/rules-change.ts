/** What another sync-config.json would change: which files start or stop syncing, or change their channel (R15). */
import type { ChannelState } from '../engine/channel-state.ts'
import type { Rules } from '../engine/core/rules.ts'
import type { RulesChange } from '../engine/report.ts'
import type { Session } from '../engine/session.ts'

/** By path. Both sessions have looked at both sides, `before` with today's rules, `after` with the others. */
export function rulesChanges(before: Session, after: Session): RulesChange[] {
  const paths = new Set([...pathsOf(before), ...pathsOf(after)])
  const changes: RulesChange[] = []
  for (const path of [...paths].sort()) {
    const change = ruleChange(before.context.rules, after.context.rules, path)
    if (change !== null) changes.push({ path, change, inShared: isInShared(after, path) })
  }
  return changes
}

/** What becomes of one path when other rules take over; null: nothing. */
export function ruleChange(before: Rules, after: Rules, path: string): RulesChange['change'] | null {
  return changeOf(stateIn(before, path), stateIn(after, path))
}

type PathState = 'shared' | 'private' | 'waits-for-user' | 'off'

function stateIn(rules: Rules, path: string): PathState {
  const found = rules.classify(path)
  if (found.kind === 'synced') return found.channel
  return found.kind === 'private-without-user' ? 'waits-for-user' : 'off'
}

/** Total, so that no pair is forgotten; null: nothing changes. */
const CHANGES: Readonly<Record<PathState, Readonly<Record<PathState, RulesChange['change'] | null>>>> = {
  off: { off: null, shared: 'starts-syncing', private: 'starts-syncing', 'waits-for-user': 'needs-user' },
  shared: { off: 'stops-syncing', shared: null, private: 'becomes-private', 'waits-for-user': 'needs-user' },
  private: { off: 'stops-syncing', shared: 'becomes-shared', private: null, 'waits-for-user': 'needs-user' },
  'waits-for-user': {
    off: null,
    shared: 'starts-syncing',
    private: 'starts-syncing',
    'waits-for-user': null,
  },
}

function changeOf(before: PathState, after: PathState): RulesChange['change'] | null {
  return CHANGES[before][after]
}

function pathsOf({ context }: Session): string[] {
  return context.channels.flatMap(state => [...state.local.keys(), ...state.base.keys(), ...recordsOf(state)])
}

function recordsOf(state: ChannelState): string[] {
  return [...state.remote.keys(), ...state.unmatched]
}

function isInShared({ context }: Session, path: string): boolean {
  const shared = context.channels.find(({ channel }) => channel === 'shared')
  return shared !== undefined && (shared.remote.has(path) || shared.unmatched.has(path))
}
