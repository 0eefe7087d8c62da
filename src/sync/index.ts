/**
 * The library: file sync for a Node server, by the names that agent-native servers call, and the engine
 * itself for programs that want more. Needs no Electron.
 */
export { AdapterError } from '../engine/ports/adapter.ts'
export { ConfigurationError, FolderHeldError } from '../host/errors.ts'
export { SyncError } from '../host/first-contact.ts'
export { Folder } from '../host/folder.ts'
export { createFileSync } from './create-file-sync.ts'
export { FileSync } from './file-sync.ts'
export type { CreateFileSyncOptions, FileSyncResult } from './create-file-sync.ts'
export type { FileSyncOptions } from './file-sync.ts'
export type { FileSyncEvent, FileSyncEvents } from './sync-events.ts'
export type { CustomAdapterOptions } from '../adapters/custom/options.ts'
export type { Log } from '../engine/ports/log.ts'
export type { FolderOptions } from '../host/folder.ts'
export type {
  AdapterAbilities,
  AdapterErrorCode,
  AdapterLimits,
  FileChange,
  FileRecord,
  FileSyncAdapter,
  Unsubscribe,
} from '../engine/ports/adapter.ts'
export type { SessionEvent, SessionState, Status, SyncSummary } from '../engine/status.ts'
export type * from '../engine/report.ts'
