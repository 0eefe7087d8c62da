/**
 * A table of names by which paths are looked up, at any depth and in any case: `*.key`, `.git/`, `.docker/config.json`.
 *
 * Matched against each name of a path, so a folder's name stands for everything in it. Asked for every path of every
 * scan: a few map look-ups for each name, no globs.
 */

export interface NamePattern {
  /**
   * A name with `*` for any run of characters: one, or one at the beginning and one at the end. Or several literal names
   * in a row, `folder/name`. A final `/` shows that it is a folder's name.
   */
  readonly pattern: string
}

/** The entry whose name the path, or a folder it lies in, has; null where none does. */
export type NameTable<Entry> = (path: string) => Entry | null

/** Throws where a pattern is of another form. Of entries that both match, one with literal names comes first. */
export function nameTable<Entry extends NamePattern>(list: readonly Entry[]): NameTable<Entry> {
  const index = buildIndex(list)
  return path => {
    const folded = foldCase(path)
    let start = 0
    while (start <= folded.length) {
      const slash = folded.indexOf('/', start)
      const end = slash === -1 ? folded.length : slash
      const name = folded.slice(start, end)
      const entry = ofName(index, name) ?? ofRow(index, name, folded.slice(0, start))
      if (entry !== null) return entry
      start = end + 1
    }
    return null
  }
}

/** A name with one `*`: it begins with `prefix` and ends with `suffix`. */
interface Affixes<Entry> {
  readonly prefix: string
  readonly suffix: string
  readonly entry: Entry
}

interface Row<Entry> {
  /** The folders that the name lies in, each with its final `/`. */
  readonly folders: string
  readonly entry: Entry
}

interface Index<Entry> {
  readonly whole: ReadonlyMap<string, Entry>
  /** Several names in a row, by the last of them. */
  readonly rows: ReadonlyMap<string, readonly Row<Entry>[]>
  /** By the first character code. */
  readonly byStart: ReadonlyMap<number, readonly Affixes<Entry>[]>
  /** Those that begin with `*`, by the last character code. */
  readonly byEnd: ReadonlyMap<number, readonly Affixes<Entry>[]>
  /** Those that have a part in the middle: `*.tfstate*`. */
  readonly within: readonly { readonly part: string; readonly entry: Entry }[]
}

function ofName<Entry>(index: Index<Entry>, name: string): Entry | null {
  const whole = index.whole.get(name)
  if (whole !== undefined) return whole
  const byStart = index.byStart.get(name.charCodeAt(0))
  const byEnd = index.byEnd.get(name.charCodeAt(name.length - 1))
  return (
    (byStart === undefined ? null : firstWithAffixes(byStart, name)) ??
    (byEnd === undefined ? null : firstWithAffixes(byEnd, name)) ??
    index.within.find(candidate => name.includes(candidate.part))?.entry ??
    null
  )
}

function firstWithAffixes<Entry>(candidates: readonly Affixes<Entry>[], name: string): Entry | null {
  for (const { prefix, suffix, entry } of candidates) {
    const longEnough = name.length >= prefix.length + suffix.length
    if (longEnough && name.startsWith(prefix) && name.endsWith(suffix)) return entry
  }
  return null
}

/** `above`: all folders that the name lies in, with a final `/`. */
function ofRow<Entry>({ rows }: Index<Entry>, name: string, above: string): Entry | null {
  const candidates = rows.get(name)
  if (candidates === undefined) return null
  const isBelow = ({ folders }: Row<Entry>): boolean => above === folders || above.endsWith(`/${folders}`)
  return candidates.find(isBelow)?.entry ?? null
}

function buildIndex<Entry extends NamePattern>(list: readonly Entry[]): Index<Entry> {
  const whole = new Map<string, Entry>()
  const rows = new Map<string, Row<Entry>[]>()
  const byStart = new Map<number, Affixes<Entry>[]>()
  const byEnd = new Map<number, Affixes<Entry>[]>()
  const within: { part: string; entry: Entry }[] = []
  for (const entry of list) {
    const pattern = foldCase(entry.pattern.replace(/\/$/, ''))
    requireForm(pattern, entry.pattern)
    const [prefix = '', middle, last] = pattern.split('*')
    const slash = pattern.lastIndexOf('/')
    if (slash !== -1) push(rows, pattern.slice(slash + 1), { folders: pattern.slice(0, slash + 1), entry })
    else if (middle === undefined) whole.set(pattern, entry)
    else if (last !== undefined) within.push({ part: middle, entry })
    else if (prefix !== '') push(byStart, prefix.charCodeAt(0), { prefix, suffix: middle, entry })
    else push(byEnd, middle.charCodeAt(middle.length - 1), { prefix, suffix: middle, entry })
  }
  return { whole, rows, byStart, byEnd, within }
}

/** What the index cannot carry would be passed over in silence. */
function requireForm(pattern: string, written: string): void {
  const isName = /^[^*/]+$|^[^*/]+\*[^*/]*$|^\*[^*/]+\*?$/.test(pattern)
  const isRow = /^[^*/]+(?:\/[^*/]+)+$/.test(pattern)
  if (!isName && !isRow) throw new Error(`"${written}" is no name that a table can hold`)
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
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
