/**
 * What every view needs all the time, small enough to be sent as a whole: one state for each folder.
 *
 * `watch` yields a snapshot first, then numbered changes: each revision is higher than the one before, and
 * changes that come quickly are joined (at most about 20 events a second). A client takes an event only when
 * its revision rises; after a reconnect it starts anew from the snapshot that comes first. `run` differs for
 * each start of the host, so that an old revision is never compared with a new run's.
 */
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { Settings } from './settings.ts'
import { Shell } from './shell.ts'
import { AdapterCode } from './folders.ts'
import { base, Channel, FolderId, Holder, Problem, Time } from './words.ts'

const SessionState = z.enum(['starting', 'scanning', 'syncing', 'idle', 'offline', 'paused', 'held', 'error'])

export const FileAction = z.enum([
  'push',
  'pull',
  'merge',
  'delete-local',
  'delete-remote',
  'conflict',
  'skip',
  'resolve',
])
export type FileAction = z.infer<typeof FileAction>

/** Who made the change that sync carried out. `both`: a merge. `person`: somebody decided it in the app or the command line. */
export const Author = z.enum(['this-device', 'another', 'both', 'person'])
export type Author = z.infer<typeof Author>

/** Rises whenever the list may have changed: fetch what is shown of it again. */
export const ListRevisions = z.object({
  files: z.number(),
  activity: z.number(),
  conflicts: z.number(),
  holds: z.number(),
  rules: z.number(),
})
export type ListRevisions = z.infer<typeof ListRevisions>

export const FolderState = z.object({
  id: FolderId,
  /** The name in package.json, else the folder's. */
  name: z.string(),
  /** Absolute. */
  path: z.string(),
  /** Project-relative; null while the configuration is broken and was never known. */
  contentRoot: z.string().nullable(),
  configFile: z.string().nullable(),
  isSample: z.boolean(),

  state: SessionState,
  /** Paused by a person: this folder alone, or with all others. */
  paused: z.enum(['no', 'folder', 'all']),
  /** Set where FILE_SYNC_ENABLED is false. */
  switchedOff: z.boolean(),
  /** The engine has looked at both sides at least once since it started. */
  isReady: z.boolean(),
  progress: z
    .object({
      step: z.enum(['scan', 'heads', 'compare', 'apply']),
      done: z.number(),
      total: z.number().nullable(),
    })
    .nullable(),

  /** Files in the sync set; null until it is known. */
  files: z.number().nullable(),
  pending: z.number(),
  conflicts: z.number(),
  holds: z.number(),
  /** Files that wait for their content (R10.6); none of the holds. */
  waiting: z.number(),
  problems: z.number(),
  /** The first of them, folder-wide ones first; at most 20. */
  problemList: z.array(Problem),
  lastSyncedAt: Time.nullable(),
  lastChange: z
    .object({ path: z.string(), channel: Channel, action: FileAction, author: Author, at: Time })
    .nullable(),
  /** Changes carried out in each hour of the last 24, oldest first; the last is the running hour. */
  curve: z.array(z.number()),

  /** Null while the settings cannot be read. */
  backend: z
    .object({
      kind: z.string(),
      label: z.string(),
      /** The place, for a person; never a secret. */
      database: z.string(),
      appId: z.string(),
      userId: z.string().nullable(),
    })
    .nullable(),
  /** Why the configuration stops sync; null where it is fine. */
  fault: z
    .object({
      code: z.string(),
      message: z.string(),
      file: z.string().nullable(),
      line: z.number().nullable(),
    })
    .nullable(),
  /** Another engine keeps this folder, so this one does not (R14). */
  heldBy: Holder.nullable(),
  /** A custom adapter that a person has to trust before its code is run. */
  untrusted: AdapterCode.nullable(),
  revisions: ListRevisions,
})
export type FolderState = z.infer<typeof FolderState>

/** `until` null: until somebody resumes. */
export const PausedAll = z.object({ until: Time.nullable() })
export type PausedAll = z.infer<typeof PausedAll>

export const AppState = z.object({
  /** In the person's order. */
  folders: z.array(FolderState),
  pausedAll: PausedAll.nullable(),
  settings: Settings,
  shell: Shell,
  /** This device's name, as other devices' histories show it. */
  device: z.string(),
  /** The person's home folder on this device, absolute: a page shows it as `~`. */
  home: z.string(),
})
export type AppState = z.infer<typeof AppState>

export const StateChange = z.discriminatedUnion('type', [
  /** A new folder, or the whole new state of a known one. */
  z.object({ type: z.literal('folder'), folder: FolderState }),
  z.object({ type: z.literal('folder-removed'), id: FolderId }),
  /** The order of all folders. */
  z.object({ type: z.literal('order'), ids: z.array(FolderId) }),
  z.object({ type: z.literal('paused-all'), pausedAll: PausedAll.nullable() }),
  z.object({ type: z.literal('settings'), settings: Settings }),
])
export type StateChange = z.infer<typeof StateChange>

export const StateEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), run: z.string(), revision: z.number(), state: AppState }),
  z.object({
    type: z.literal('changes'),
    run: z.string(),
    revision: z.number(),
    changes: z.array(StateChange),
  }),
])
export type StateEvent = z.infer<typeof StateEvent>

/** What a notification, a toast or the tray may tell of. Not kept: who was not listening missed it. */
export const Notice = z.object({
  kind: z.enum(['conflict', 'hold', 'error', 'recovery']),
  folderId: FolderId,
  folderName: z.string(),
  /** How many were joined into this one. */
  count: z.number(),
  /** The first one's path, where there is one. */
  path: z.string().nullable(),
  message: z.string(),
})
export type Notice = z.infer<typeof Notice>

export const state = {
  get: base.output(z.object({ run: z.string(), revision: z.number(), state: AppState })),
  watch: base.output(eventIterator(StateEvent)),
  notices: base.output(eventIterator(Notice)),
}
