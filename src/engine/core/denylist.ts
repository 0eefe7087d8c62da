/**
 * Files that never sync, in either direction, whatever the patterns say (R10).
 *
 * Matched against each name of a path, so a denied folder denies everything in it, at any depth and in any
 * case. Asked for every path of every scan: a few map look-ups for each name, no globs.
 */

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

export interface DenyEntry {
  /** With `*` for any run of characters; a final `/` shows that it is a folder's name. */
  readonly pattern: string
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

/** The entry that denies this path, or a folder it lies in; null where none does. */
export function deniedBy(path: string): DenyEntry | null {
  const folded = foldCase(path)
  let start = 0
  while (start <= folded.length) {
    const slash = folded.indexOf('/', start)
    const end = slash === -1 ? folded.length : slash
    const entry = deniedName(folded.slice(start, end)) ?? deniedPair(folded, start, end)
    if (entry !== null) return entry
    start = end + 1
  }
  return null
}

/** Whether everything below this folder is denied, so that a scan need not look. */
export function deniesFolder(folder: string): boolean {
  return folder !== '' && deniedBy(folder) !== null
}

function entries(category: DenyCategory, reason: string, patterns: readonly string[]): DenyEntry[] {
  return patterns.map(pattern => ({ pattern, category, reason }))
}

/** A name with one `*`: it begins with `prefix` and ends with `suffix`. */
interface Affixes {
  readonly prefix: string
  readonly suffix: string
  readonly entry: DenyEntry
}

interface Index {
  readonly whole: ReadonlyMap<string, DenyEntry>
  /** Two names in a row, `folder/name`, by the second of them. */
  readonly pairs: ReadonlyMap<string, { readonly folder: string; readonly entry: DenyEntry }>
  /** By the first character code. */
  readonly byStart: ReadonlyMap<number, readonly Affixes[]>
  /** Those that begin with `*`, by the last character code. */
  readonly byEnd: ReadonlyMap<number, readonly Affixes[]>
  /** Those that have a part in the middle: `*.tfstate*`. */
  readonly within: readonly { readonly part: string; readonly entry: DenyEntry }[]
}

const INDEX = buildIndex(DENYLIST)

function deniedName(name: string): DenyEntry | null {
  const whole = INDEX.whole.get(name)
  if (whole !== undefined) return whole
  const byStart = INDEX.byStart.get(name.charCodeAt(0))
  const byEnd = INDEX.byEnd.get(name.charCodeAt(name.length - 1))
  return (
    (byStart === undefined ? null : firstWithAffixes(byStart, name)) ??
    (byEnd === undefined ? null : firstWithAffixes(byEnd, name)) ??
    INDEX.within.find(candidate => name.includes(candidate.part))?.entry ??
    null
  )
}

function firstWithAffixes(candidates: readonly Affixes[], name: string): DenyEntry | null {
  for (const { prefix, suffix, entry } of candidates) {
    const longEnough = name.length >= prefix.length + suffix.length
    if (longEnough && name.startsWith(prefix) && name.endsWith(suffix)) return entry
  }
  return null
}

function deniedPair(folded: string, start: number, end: number): DenyEntry | null {
  const pair = INDEX.pairs.get(folded.slice(start, end))
  if (pair === undefined || start === 0) return null
  const before = folded.slice(folded.lastIndexOf('/', start - 2) + 1, start - 1)
  return before === pair.folder ? pair.entry : null
}

function buildIndex(list: readonly DenyEntry[]): Index {
  const whole = new Map<string, DenyEntry>()
  const pairs = new Map<string, { folder: string; entry: DenyEntry }>()
  const byStart = new Map<number, Affixes[]>()
  const byEnd = new Map<number, Affixes[]>()
  const within: { part: string; entry: DenyEntry }[] = []
  for (const entry of list) {
    const pattern = foldCase(entry.pattern.replace(/\/$/, ''))
    const [prefix = '', middle, last] = pattern.split('*')
    if (pattern.includes('/')) {
      const slash = pattern.indexOf('/')
      pairs.set(pattern.slice(slash + 1), { folder: pattern.slice(0, slash), entry })
    } else if (middle === undefined) whole.set(pattern, entry)
    else if (last !== undefined) within.push({ part: middle, entry })
    else if (prefix !== '') push(byStart, prefix.charCodeAt(0), { prefix, suffix: middle, entry })
    else push(byEnd, middle.charCodeAt(middle.length - 1), { prefix, suffix: middle, entry })
  }
  return { whole, pairs, byStart, byEnd, within }
}

function push(map: Map<number, Affixes[]>, key: number, value: Affixes): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/**
 * File systems that ignore case fold more than ASCII: APFS opens `.ssh` for `.ſsh`, with a long s. Going
 * through upper case folds these as well.
 */
function foldCase(text: string): string {
  return /^[ -~]*$/.test(text) ? text.toLowerCase() : text.toUpperCase().toLowerCase()
}
