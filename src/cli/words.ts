/** The engine's short codes as words for a person. What is not listed is shown as it is. */
import type { PolicyReason } from '../engine/core/conflict-policy.ts'
import type { HoldReason } from '../engine/core/guard.ts'
import type { Reason } from '../engine/core/reconcile.ts'
import type { HistoryCause, Resolution } from '../engine/ports/state-store.ts'
import type { PlannedAction } from '../engine/report.ts'
import { printable } from './text.ts'

type Words = Readonly<Record<string, string>>

const REASONS: Readonly<Record<Reason, string>> = {
  'local-new': 'new here',
  'local-edit': 'edited here',
  'local-delete': 'deleted here',
  'local-lost': 'gone or old here, though nobody has deleted or edited it',
  'remote-new': 'new in the database',
  'remote-edit': 'edited elsewhere',
  'remote-delete': 'deleted elsewhere',
  'edit-beats-delete': 'edited on one side, deleted on the other: the edit stays',
  'both-changed': 'edited on both sides',
  'both-new': 'new on both sides, with different contents',
}

/** Of merges that no cycle has planned. */
const OVERTAKEN = { overtaken: 'a program had read it before sync replaced it' } as const

const HOLDS: Readonly<Record<HoldReason, string>> = {
  'mass-delete': 'many files are gone at once',
  'local-emptied': 'all files are gone from the folder',
  'database-emptied': 'all records are gone from the database',
  'mount-away': 'the drive they lie on is not mounted',
  'root-exchanged': 'the content folder is not the one that was synced before',
  'folder-restored': 'older copies of files were put back',
  'database-exchanged': 'the database is not the one that was synced before',
  'database-restored': 'the database went back to an older state',
  'mass-change': 'nearly all files were changed at once',
  'server-deletes':
    'an agent-native server works on this channel, and deletes records of others when it starts',
  'private-elsewhere': 'private to another user, or private until the patterns changed',
  'may-run-code': 'programs run such a file by themselves',
  secret: 'it holds what looks like a secret',
}

/** Of records and files that are passed over; the problem that is told with it says more. */
const SKIPPED: Words = {
  'unsafe-path': 'its path is not allowed',
  denied: 'a name that never syncs',
  link: 'a symbolic link',
  'foreign-id': 'a record of another form',
  'server-record': 'a private file of an agent-native server',
  undecodable: 'its content cannot be read',
  'unsupported-name': 'a name that this system cannot hold',
  'name-collision': 'a name that another file has here',
  'too-large': 'larger than the limit',
  'not-a-file': 'no regular file',
  'private-without-user': 'private, and no user is set',
  'both-channels': 'it matches both lists of patterns',
  'left-out': 'a folder of another project, or of Lockstep’s own',
}

const BY_HAND: Readonly<Record<Resolution['take'], string>> = {
  local: 'this device’s version was chosen',
  remote: 'the database’s version was chosen',
  both: 'both versions were kept',
  content: 'a version that was put together was chosen',
}

/** By which a conflict ends. */
const POLICIES: Readonly<Record<PolicyReason, string>> = {
  'policy local': 'the policy "local" takes this device’s version',
  'policy remote': 'the policy "remote" takes the database’s version',
  'policy newest: local': 'the policy "newest" takes this device’s version',
  'policy newest: remote': 'the policy "newest" takes the database’s version',
}

const CAUSES: Readonly<Record<HistoryCause, string>> = {
  overwritten: 'replaced by a newer version',
  deleted: 'deleted by sync',
  merged: 'before a merge',
  'lost-conflict': 'not taken in a conflict',
  'replaced-by-restore': 'replaced by a restore',
  'conflict-copy': 'written into a .conflict file',
  recovered: 'written while sync replaced the file',
  'edited-here': 'edited here',
  'deleted-here': 'deleted here',
}

const ACTIONS: Readonly<Record<PlannedAction['action'], string>> = {
  adopt: 'note as equal',
  push: 'send',
  pull: 'receive',
  'delete-local': 'delete here',
  'delete-remote': 'delete in database',
  merge: 'merge',
  conflict: 'conflict',
  hold: 'hold',
}

/** What a sync will do with one file, after "will". */
const DEEDS: Words = {
  adopt: 'note it as equal',
  push: 'send it',
  pull: 'receive it',
  'delete-local': 'delete it here',
  'delete-remote': 'delete it in the database',
  merge: 'merge it',
} satisfies Partial<Record<PlannedAction['action'], string>>

const ALL: Words = { ...REASONS, ...OVERTAKEN, ...HOLDS, ...SKIPPED, ...POLICIES }

export function reasonInWords(reason: string): string {
  const [, kind = '', code = ''] = /^(held|by hand): (.+)$/.exec(reason) ?? []
  if (kind === 'held') return `held: ${ALL[code] ?? printable(code)}`
  const byHand: Words = BY_HAND
  if (kind === 'by hand') return byHand[code] ?? printable(code)
  return ALL[reason] ?? printable(reason)
}

export function actionInWords(action: PlannedAction['action']): string {
  return ACTIONS[action]
}

/** A sentence, or `<action> (<reason>)`, of the engine with its codes put into words. */
export function sentenceInWords(sentence: string): string {
  const actions: Words = ACTIONS
  return printable(sentence)
    .replace(/^([a-z-]+)(?= \([a-z-]+\)$)/, action => actions[action] ?? action)
    .replace(/\bwill ([a-z-]+) it\b/, (all, action: string) =>
      action in DEEDS ? `will ${DEEDS[action]}` : all,
    )
    .replace(/\(([a-z-]+)\)/g, (all, code: string) => (code in ALL ? `(${ALL[code]})` : all))
}

/** Why a version is in the history. */
export function causeInWords(cause: string): string {
  const words: Words = CAUSES
  return words[cause] ?? printable(cause)
}
