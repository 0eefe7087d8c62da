/** File sync by the settings in .env and the environment, for a server that names its content folder alone. */
import type { EventEmitter } from 'node:events'
import { isSyncEnabled } from '../engine/core/settings.ts'
import type { Log } from '../engine/ports/log.ts'
import { isRootSwitchedOff } from './content-root.ts'
import { consoleLog } from './console-log.ts'
import { FileSync } from './file-sync.ts'
import { requireContentRoot } from './require-options.ts'
import type { FileSyncEvents } from './sync-events.ts'

export interface CreateFileSyncOptions {
  /** `./data`, say. The project, with its .env and package.json, is the parent folder. */
  readonly contentRoot: string
  /** Default: errors on stderr. */
  readonly log?: Log
}

export type FileSyncResult =
  /** FILE_SYNC_ENABLED is `false`. */
  | { readonly status: 'disabled' }
  /** Nothing runs; `reason` says what is wrong and what to do. */
  | { readonly status: 'error'; readonly reason: string }
  | {
      readonly status: 'ready'
      readonly fileSync: FileSync
      /** For a handler of server-sent events. */
      readonly sseEmitter: { readonly emitter: EventEmitter<FileSyncEvents>; readonly event: 'sync' }
      /** Carries out what was seen, and ends. For SIGTERM. */
      readonly shutdown: () => Promise<void>
    }

/**
 * Starts sync, the private channel too where FILE_SYNC_USER_ID is set. Never rejects. `ready` also while the
 * database is offline: it is tried again for ever.
 */
export async function createFileSync(options: CreateFileSyncOptions): Promise<FileSyncResult> {
  const { env } = process
  if (!isSyncEnabled(env)) return { status: 'disabled' }
  try {
    requireContentRoot(options, 'createFileSync')
    const { contentRoot, log = consoleLog } = options
    if (isRootSwitchedOff({ contentRoot }, env)) return { status: 'disabled' }
    const fileSync = new FileSync({ contentRoot, env, log })
    await fileSync.initFileSync()
    return {
      status: 'ready',
      fileSync,
      sseEmitter: { emitter: fileSync.syncEvents, event: 'sync' },
      shutdown: () => fileSync.stop(),
    }
  } catch (error) {
    return { status: 'error', reason: error instanceof Error ? error.message : String(error) }
  }
}
