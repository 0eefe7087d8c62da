/** Which folder on the disk a project is, whatever it is called. */
import { statSync } from 'node:fs'

export interface ProjectIdentity {
  /** Device, inode and birth time. Compared on one machine, and not across mounts: elsewhere they may be another's. */
  readonly name: string
  /** The birth time has stayed where the folder has changed since: some file systems give the last change for it. */
  readonly isStable: boolean
}

/** Null where there is no folder, or no birth time: inodes are used again. */
export function projectIdentity(folder: string): ProjectIdentity | null {
  const stat = statSync(folder, { bigint: true, throwIfNoEntry: false })
  if (stat === undefined || !stat.isDirectory()) return null
  const { dev, ino, birthtimeNs, ctimeNs } = stat
  return birthtimeNs > 0n ? { name: `${dev}:${ino}:${birthtimeNs}`, isStable: birthtimeNs !== ctimeNs } : null
}
