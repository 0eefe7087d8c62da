/** The folders that this host keeps in step. What they are doing is in the state. */
import { z } from 'zod'
import { base, FolderId, MachinePath, Time } from './words.ts'

const CodeFile = z.object({ path: z.string().max(4_096), hash: z.string().max(128) })

/** A custom adapter's module with what it imports, each with its SHA-256: what a person is asked to trust. */
export const AdapterCode = CodeFile.extend({ imports: z.array(CodeFile).max(1_000) })
export type AdapterCode = z.infer<typeof AdapterCode>

const ById = z.object({ id: FolderId })

export const folders = {
  /** A folder that is configured already; one that is known stays as it is. CONFIGURATION where it has no sync-config.json. */
  add: base.input(z.object({ path: MachinePath })).output(ById.extend({ isNew: z.boolean() })),
  /** Stops it and forgets it here. Files, sync-config.json, .env, database and history stay as they are. */
  remove: base.input(ById),
  pause: base.input(ById),
  resume: base.input(ById),
  /** `until` null: until resumed. */
  pauseAll: base.input(z.object({ until: Time.nullable() })),
  resumeAll: base,
  /** All ids, in the new order. */
  reorder: base.input(z.object({ ids: z.array(FolderId).max(1_000) })),
  /** Looks at both sides anew, and tries again at once what waits for a retry. */
  syncNow: base.input(ById),
  /** Agrees to run exactly the code that `FolderState.untrusted` shows. REFUSED `changed` where it is another by now. */
  trustAdapter: base.input(ById.extend({ code: AdapterCode })),
  /**
   * Agrees to what the folder's problem `unconfirmed` asks, whose message `question` is: that secrets of this machine go to
   * a host, that tables are made in another program's database. REFUSED `changed` where it asks something else by now.
   */
  confirmPlace: base.input(ById.extend({ question: z.string().max(10_000) })),
}
