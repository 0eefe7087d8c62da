/**
 * A table of names by which paths are looked up: `*.key`, `.git/`, `.docker/config.json`.
 *
 * Matched against each name of a path, so a folder's name stands for everything in it, at any depth, and however a file
 * system may spell it. Asked for every path of every scan: a few map look-ups for each name.
 */
import { compileName, type NameTest } from './glob-name.ts'

export interface NamePattern {
  /**
   * A name, or the last names of a path with `/` between them; with `*` for any run of characters in a name. A final
   * `/` shows that it is a folder's.
   */
  readonly pattern: string
  /** A folder of that name is an ordinary one. */
  readonly isFile?: boolean
}

/** The entry whose name the path, or a folder it lies in, has; null where none does. */
export type NameTable<Entry> = (path: string) => Entry | null

/** Throws where a pattern is of another form, and so would not mean what it says. */
export function nameTable<Entry extends NamePattern>(list: readonly Entry[]): NameTable<Entry> {
  const index = buildIndex(list)
  const folders = list.filter(({ isFile }) => isFile !== true)
  const folderIndex = folders.length === list.length ? index : buildIndex(folders)
  // A scan asks folder by folder: what a file's folders are called is looked up for the first of its siblings.
  let last = lookUpFolder(folderIndex, '')
  return path => {
    const slash = path.lastIndexOf('/')
    const folder = slash === -1 ? '' : path.slice(0, slash)
    if (folder !== last.folder) last = lookUpFolder(folderIndex, folder)
    return last.entry ?? entryOf(index, last.names, folded(path.slice(slash + 1)))
  }
}

interface LookedUpFolder<Entry> {
  readonly folder: string
  /** As they are compared. */
  readonly names: readonly string[]
  readonly entry: Entry | null
}

function lookUpFolder<Entry>(index: Index<Entry>, folder: string): LookedUpFolder<Entry> {
  const names: string[] = []
  for (const name of folder === '' ? [] : folder.split('/').map(folded)) {
    const entry = entryOf(index, names, name)
    if (entry !== null) return { folder, names, entry }
    names.push(name)
  }
  return { folder, names, entry: null }
}

/** The last names of a path. */
interface Rule<Entry> {
  readonly folders: readonly NameTest[]
  readonly name: NameTest
  readonly entry: Entry
}

/** By the name that a rule ends with. */
interface Index<Entry> {
  readonly whole: RulesByKey<Entry>
  /** Those with a star, by the two characters that they begin with, or else end with. */
  readonly byStart: RulesByKey<Entry>
  readonly byEnd: RulesByKey<Entry>
  /** Those that end with one character behind a star, by that. */
  readonly byLast: RulesByKey<Entry>
  /** Those that begin and end with a star. */
  readonly within: readonly Rule<Entry>[]
}

type RulesByKey<Entry> = ReadonlyMap<string, readonly Rule<Entry>[]>

/** `folders` are the names before it. */
function entryOf<Entry>(index: Index<Entry>, folders: readonly string[], name: string): Entry | null {
  return (
    firstThatHolds(index.whole.get(name), folders, name) ??
    firstThatHolds(index.byStart.get(name.slice(0, 2)), folders, name) ??
    firstThatHolds(index.byEnd.get(name.slice(-2)), folders, name) ??
    firstThatHolds(index.byLast.get(name.slice(-1)), folders, name) ??
    firstThatHolds(index.within, folders, name)
  )
}

function firstThatHolds<Entry>(
  rules: readonly Rule<Entry>[] | undefined,
  folders: readonly string[],
  name: string,
): Entry | null {
  if (rules === undefined) return null
  for (const rule of rules) if (holds(rule, folders, name)) return rule.entry
  return null
}

function holds<Entry>(rule: Rule<Entry>, folders: readonly string[], name: string): boolean {
  const first = folders.length - rule.folders.length
  return (
    rule.name.matches(name) &&
    first >= 0 &&
    rule.folders.every((folder, offset) => folder.matches(folders[first + offset]!))
  )
}

function buildIndex<Entry extends NamePattern>(list: readonly Entry[]): Index<Entry> {
  const whole = new Map<string, Rule<Entry>[]>()
  const byStart = new Map<string, Rule<Entry>[]>()
  const byEnd = new Map<string, Rule<Entry>[]>()
  const byLast = new Map<string, Rule<Entry>[]>()
  const within: Rule<Entry>[] = []
  for (const entry of list) {
    const names = namesOf(entry)
    const tests = names.map(compileName)
    const rule = { folders: tests.slice(0, -1), name: tests.at(-1)!, entry }
    const last = names.at(-1)!
    const [start, end] = [last.slice(0, 2), last.slice(-2)]
    if (rule.name.literal !== null) push(whole, last, rule)
    else if (!start.includes('*')) push(byStart, start, rule)
    else if (!end.includes('*')) push(byEnd, end, rule)
    else if (!end.endsWith('*')) push(byLast, end.slice(1), rule)
    else within.push(rule)
  }
  return { whole, byStart, byEnd, byLast, within }
}

/** As they are compared. What the index cannot carry would be passed over in silence. */
function namesOf({ pattern }: NamePattern): string[] {
  const path = pattern.replace(/\/$/, '')
  const names = path.split('/').map(folded)
  const isUsable = names.every(name => /[^*]/.test(name) && !/[?[\]{}()!\\]/.test(name))
  if (!isUsable || names.join('/') !== path.toLowerCase())
    throw new Error(`${JSON.stringify(pattern)} is no name that a table can hold.`)
  return names
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

const ORDINARY = /^[ -~]*$/
const LOOSE_END = /[. ](?:\/|$)/
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu

/**
 * Two spellings that some file system takes for one are one here. HFS+ reads over what cannot be seen (`.g\u200cit`,
 * CVE-2014-9390), FAT and Windows over dots and spaces at a name's end. Those that ignore case fold more than ASCII:
 * APFS opens `.ssh` for `.\u017fsh`, with a long s; going through upper case folds these as well. A letter and its accent
 * are one character there, however they are written.
 */
function folded(name: string): string {
  const visible = ORDINARY.test(name) ? name : name.replace(IGNORABLE, '').normalize('NFC').toUpperCase()
  const lower = visible.toLowerCase()
  return lower.endsWith('.') || lower.endsWith(' ') ? lower.replace(/[. ]+$/, '') : lower
}

/** A whole path in the one spelling by which it is compared. */
export function foldedPath(path: string): string {
  const isPlain = ORDINARY.test(path) && !LOOSE_END.test(path)
  return isPlain ? path.toLowerCase() : path.split('/').map(folded).join('/')
}
