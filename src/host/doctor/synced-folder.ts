/**
 * Whether a path lies in a folder that another program copies to the cloud or to other machines. Such a
 * program copies a database file in the middle of a write, without its -wal, and so breaks it.
 */
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

interface SyncService {
  readonly name: string
  /** Files or folders that the service leaves at the top of what it syncs. */
  readonly markers: readonly string[]
  /** What the top folder is called. */
  readonly folder: RegExp | null
}

const SERVICES: readonly SyncService[] = [
  { name: 'Dropbox', markers: ['.dropbox', '.dropbox.cache'], folder: /^Dropbox(?: \(.+\))?$/ },
  { name: 'OneDrive', markers: [], folder: /^OneDrive(?: - .+|-.+)?$/ },
  {
    name: 'Google Drive',
    markers: ['.tmp.drivedownload', '.tmp.driveupload'],
    folder: /^(?:Google ?Drive(?:-.+)?|My Drive)$/,
  },
  { name: 'iCloud Drive', markers: [], folder: /^(?:Mobile Documents|com~apple~CloudDocs|iCloud ?Drive)$/ },
  { name: 'a cloud provider of macOS', markers: [], folder: /^CloudStorage$/ },
  { name: 'Nextcloud', markers: ['.nextcloudsync.log'], folder: /^Nextcloud$/ },
  { name: 'ownCloud', markers: ['.owncloudsync.log'], folder: /^ownCloud$/ },
  { name: 'Syncthing', markers: ['.stfolder'], folder: null },
  { name: 'Resilio Sync', markers: ['.sync/ID'], folder: /^Resilio Sync$/ },
]

export interface SyncedFolder {
  readonly service: string
  readonly folder: string
}

/** Looks at the folder and everything above it; the innermost finding. */
export function findSyncedFolder(
  folder: string,
  exists: (path: string) => boolean = existsSync,
): SyncedFolder | null {
  for (let at = folder; ; at = dirname(at)) {
    const service = SERVICES.find(
      ({ markers, folder: name }) =>
        name?.test(basename(at)) === true || markers.some(marker => exists(join(at, marker))),
    )
    if (service !== undefined) return { service: service.name, folder: at }
    if (dirname(at) === at) return null
  }
}
