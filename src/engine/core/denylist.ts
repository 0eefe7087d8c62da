/** Files that never sync, in either direction, whatever the patterns say (R10): a denied folder denies everything in it. */
import { type NamePattern, nameTable } from './name-table.ts'

export type DenyCategory =
  | 'credentials'
  | 'keys'
  | 'version control'
  | 'dependencies'
  | 'databases'
  | 'infrastructure state'
  | "sync's own files"
  | 'other projects'
  | 'editor leftovers'
  | 'operating system files'

export interface DenyEntry extends NamePattern {
  readonly category: DenyCategory
  /** A sentence for a person. */
  readonly reason: string
}

/** Begins the name of everything that we create for a moment; `_tmp-*` denies it, in older servers too. */
export const TEMPORARY_PREFIX = '_tmp-lockstep-'

export const DENYLIST: readonly DenyEntry[] = [
  ...entries('credentials', 'It usually holds passwords or tokens, which must not reach other machines.', [
    '.env*',
    'credentials.json',
    'service-account*.json',
    '.aws/',
    '.docker/config.json',
    '.npmrc',
    '.pypirc',
    '.yarnrc.yml',
    '.sessions.json',
  ]),
  ...entries('keys', 'It usually holds a private key or certificate, which must not leave this machine.', [
    '*.key',
    '*.pem',
    '*.p12',
    '*.pfx',
    '*.jks',
    '.ssh/',
    'id_rsa*',
    'id_ed25519*',
    'id_ecdsa*',
  ]),
  ...entries('version control', 'Git keeps its own state here; two writers would break the repository.', [
    '.git/',
  ]),
  ...entries('dependencies', 'Packages are installed on each machine, not synced.', ['node_modules/']),
  ...entries(
    'databases',
    'A database file is written in place by its own program; a copy of it would be broken.',
    [
      ...['*.db', '*.db3', '*.sqlite', '*.sqlite3', '*.sl3', '*.s3db'].flatMap(name =>
        ['', '-wal', '-shm', '-journal'].map(suffix => name + suffix),
      ),
      '*.duckdb',
      '*.duckdb.wal',
      '*.mdb',
      '*.accdb',
    ],
  ),
  ...entries('infrastructure state', 'Terraform state holds secrets and has a locking of its own.', [
    '*.tfstate*',
  ]),
  ...entries("sync's own files", 'Sync itself keeps this file; it belongs to this machine.', [
    'sync-config.json',
    '.sync-status.json',
    '.sync-failures.json',
    '*.conflict',
    '_tmp-*',
  ]),
  ...entries(
    'editor leftovers',
    'An editor keeps this backup, swap or lock file while it has the real one open.',
    ['*~', '*.swp', '*.swo', '.#*', '#*#'],
  ),
  ...entries('operating system files', 'The desktop keeps this file for its own view of the folder.', [
    '.DS_Store',
    'Thumbs.db',
    'desktop.ini',
  ]),
]

const TABLE = nameTable(DENYLIST)

/** The entry that denies this path, or a folder it lies in; null where none does. */
export function deniedBy(path: string): DenyEntry | null {
  return TABLE(path)
}

/** Whether everything below this folder is denied, so that a scan need not look. */
export function deniesFolder(folder: string): boolean {
  return folder !== '' && deniedBy(folder) !== null
}

function entries(category: DenyCategory, reason: string, patterns: readonly string[]): DenyEntry[] {
  return patterns.map(pattern => ({ pattern, category, reason }))
}
