/** What the program around the host can do on this machine, and the few things a view asks of it. */
import { z } from 'zod'
import { base, FolderId, MachinePath, ProjectPath } from './words.ts'

export const Shell = z.object({
  kind: z.enum(['electron', 'daemon']),
  /** A folder can be picked in the system's own dialog (`shell.pickFolder`); otherwise browse (`setup.browse`). */
  canPickFolder: z.boolean(),
  /** Files can be opened and shown in the file manager. Otherwise show the path to copy. */
  canOpen: z.boolean(),
  canStartAtLogin: z.boolean(),
  /** The system shows notifications itself; otherwise the page shows `state.notices`. */
  hasNotifications: z.boolean(),
  hasTray: z.boolean(),
  /** Closing the window leaves the program running. */
  platform: z.string(),
})
export type Shell = z.infer<typeof Shell>

export const About = z.object({
  version: z.string(),
  node: z.string(),
  platform: z.string(),
  /** LOCKSTEP_HOME, absolute. */
  home: z.string(),
  logFolder: z.string(),
  startedAt: z.number(),
  license: z.string(),
})
export type About = z.infer<typeof About>

export const shell = {
  about: base.output(About),
  /** The system's dialog; null where the person cancelled. REFUSED where there is none. */
  pickFolder: base.output(z.object({ path: MachinePath.nullable() })),
  /** Opens a synced file with its program; without a path the project's folder. Only paths inside. */
  open: base.input(z.object({ folderId: FolderId, path: ProjectPath.nullable() })),
  /** Shows it in the file manager. */
  reveal: base.input(z.object({ folderId: FolderId, path: ProjectPath.nullable() })),
  openLogs: base,
  /** The last lines of the log, oldest first, for where there is no file manager. */
  logs: base
    .input(z.object({ lines: z.number().int().min(1).max(2_000).default(200) }))
    .output(z.object({ file: z.string(), lines: z.array(z.string()) })),
  /** A text for a bug report, without secrets and without contents. */
  diagnostics: base.output(z.object({ text: z.string() })),
  /** Of an https page that the app itself names (documentation, a backend's console). REFUSED for any other. */
  openExternal: base.input(z.object({ url: z.string().max(2_048) })),
}
