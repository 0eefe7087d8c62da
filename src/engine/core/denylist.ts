/**
 * Files that never sync, in either direction, whatever the patterns say (R10). A denied folder denies everything in it.
 *
 * A name is on the list where it says by itself what the file holds. One that is an ordinary word as well (`token.json`,
 * `auth.json`, `keys.txt`, `*.asc`) is not: its content tells. Files that are known by what they begin with:
 * `database-file.ts`; those that a folder's own settings name: `OwnFile` in `rules.ts`.
 */
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

const SQLITE_NAMES = ['*.db', '*.db3', '*.sqlite', '*.sqlite3', '*.sl3', '*.s3db']

export const DENYLIST: readonly DenyEntry[] = [
  ...entries('credentials', 'It usually holds passwords or tokens, which must not reach other machines.', [
    '.env*',
    '*.env',
    '.flaskenv',
    '.dev.vars*',
    '.Renviron',
    'local.settings.json',
    'credentials.json',
    'secrets.json',
    'secrets.yml',
    'secrets.yaml',
    'secrets.toml',
    '.sessions.json',
    '.netrc',
    '_netrc',
    '.authinfo*',
    '.htpasswd',
    '.git-credentials',
    '.pgpass',
    'pgpass.conf',
    '.pg_service.conf',
    '.my.cnf',
    '.mylogin.cnf',
    '.npmrc',
    '.pypirc',
    '.yarnrc.yml',
    '.cargo/credentials*',
    '.gem/credentials',
    '.m2/settings*.xml',
    '.gradle/gradle.properties',
    '.composer/auth.json',
  ]),
  ...entries(
    'credentials',
    'It is what a program logs in with to a cloud, a cluster or a registry, which is for this machine alone.',
    [
      '.aws/',
      '*_accessKeys.csv',
      'rootkey.csv',
      '.azure/',
      '.oci/',
      '.config/gcloud/',
      'application_default_credentials.json',
      '.boto',
      'service-account*.json',
      'service_account*.json',
      'serviceAccount*.json',
      '*firebase-adminsdk*.json',
      'firebase-tools.json',
      'client_secret*.json',
      '.docker/config.json',
      '.dockercfg',
      '.kube/config*',
      'kubeconfig',
      'kubeconfig.yml',
      'kubeconfig.yaml',
      '*.kubeconfig',
      '.vault-token',
      'credentials.tfrc.json',
      '.terraformrc',
      'terraform.rc',
      '.s3cfg',
      '.passwd-s3fs',
      'rclone.conf',
      'kaggle.json',
      'huggingface/token',
      '.databrickscfg',
      '.sentryclirc',
      'ngrok.yml',
    ],
  ),
  ...entries('credentials', 'A command line tool keeps its login and its local state here.', [
    '.config/gh/hosts.yml',
    '.config/glab-cli/',
    '.config/op/',
    '.config/doctl/',
    '.config/stripe/',
    'github-copilot/hosts.json',
    'github-copilot/apps.json',
    '.claude/.credentials.json',
    '.claude.json',
    '.codex/auth.json',
    'opencode/auth.json',
    'oauth_creds.json',
    '.vercel/',
    '.netlify/',
    '.supabase/',
    '.wrangler/',
    '.fly/',
  ]),
  ...entries('credentials', 'A shell or a client notes here what was typed, passwords included.', [
    '.*_history',
    'fish_history',
  ]),
  ...entries('keys', 'It usually holds a private key or certificate, which must not leave this machine.', [
    '*.key',
    '*.pem',
    '*.p8',
    '*.p12',
    '*.pfx',
    '*.pkcs12',
    '*.jks',
    '*.jceks',
    '*.bks',
    '*.keystore',
    '*.keychain',
    '*.keychain-db',
    '*.ppk',
    '*.ovpn',
    '.ssh/',
    'id_rsa*',
    'id_dsa*',
    'id_ed25519*',
    'id_ecdsa*',
    'ssh_host_*',
    '.gnupg/',
    '*.gpg',
    '*.pgp',
    '*.age',
    '*.kdbx',
    '*.kdb',
    '.password-store/',
    'wallet.dat',
  ]),
  ...entries('keys', 'It says whose keys open this machine; another machine must not add to it.', [
    'authorized_keys*',
  ]),
  ...entries(
    'version control',
    'A version control system keeps its own state here; two writers would break the repository.',
    ['.git/', '.hg/', '.svn/', '.bzr/', '.jj/', '_darcs/'],
  ),
  ...entries('dependencies', 'Packages are installed on each machine, not synced.', ['node_modules/']),
  ...entries(
    'databases',
    'A database file is written in place by its own program; a copy of it would be broken.',
    [
      ...SQLITE_NAMES.flatMap(name => ['', '-wal', '-shm', '-journal'].map(suffix => name + suffix)),
      '*.duckdb',
      '*.duckdb.wal',
      '*.mdb',
      '*.accdb',
    ],
  ),
  ...entries('infrastructure state', 'Terraform state holds secrets and has a locking of its own.', [
    '*.tfstate*',
    '.terraform/',
  ]),
  ...entries('infrastructure state', 'Terraform variables are where its passwords and tokens are set.', [
    '*.tfvars',
    '*.tfvars.json',
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
const SQLITE_TABLE = nameTable(SQLITE_NAMES.map(pattern => ({ pattern })))

/** The entry that denies this path, or a folder it lies in; null where none does. */
export function deniedBy(path: string): DenyEntry | null {
  return TABLE(path)
}

/** Whether it is called as SQLite's databases are. */
export function isSqliteName(name: string): boolean {
  return SQLITE_TABLE(name) !== null
}

/** Whether everything below this folder is denied, so that a scan need not look. */
export function deniesFolder(folder: string): boolean {
  return folder !== '' && deniedBy(folder) !== null
}

function entries(category: DenyCategory, reason: string, patterns: readonly string[]): DenyEntry[] {
  return patterns.map(pattern => ({ pattern, category, reason }))
}
