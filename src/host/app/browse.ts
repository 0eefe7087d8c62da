/**
 * This machine's folders, for choosing one where there is no native dialog: names, and which of them are
 * projects. Nothing of any file but whether it is there.
 */
import { readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, parse } from 'node:path'
import type { BrowseEntry, BrowsePage } from '../../contract/setup.ts'
import { CONFIG_NAME, DEFAULT_CONTENT_ROOT, isThere, realFolder } from '../locate-project.ts'

const MOST_ENTRIES = 1_000
const NAMES = new Intl.Collator('en', { numeric: true })

export interface BrowseRequest {
  /** Null for home. */
  readonly path: string | null
  readonly showHidden: boolean
  /** Real paths of the folders that are kept already. */
  readonly added: ReadonlySet<string>
}

/** Throws ConfigurationError where there is no such folder, or it may not be read. */
export function browse({ path, showHidden, added }: BrowseRequest): BrowsePage {
  const home = homedir()
  const folder = realFolder(path ?? home)
  const names = folderNames(folder).filter(name => showHidden || !name.startsWith('.'))
  const shown = names.slice(0, MOST_ENTRIES).map(name => entry(join(folder, name), added))
  const parent = dirname(folder)
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    home,
    crumbs: crumbsOf(folder),
    self: entry(folder, added),
    entries: [...shown.filter(({ isProject }) => isProject), ...shown.filter(({ isProject }) => !isProject)],
    isCut: names.length > MOST_ENTRIES,
  }
}

function entry(path: string, added: ReadonlySet<string>): BrowseEntry {
  return {
    name: basename(path) === '' ? path : basename(path),
    path,
    isProject: isThere(join(path, 'package.json')),
    isConfigured: isThere(join(path, CONFIG_NAME)) || isThere(join(path, DEFAULT_CONTENT_ROOT, CONFIG_NAME)),
    isAdded: added.has(path),
  }
}

function folderNames(folder: string): string[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter(found => found.isDirectory() || (found.isSymbolicLink() && isFolder(join(folder, found.name))))
    .map(({ name }) => name)
  // A person's order costs ten times a plain one.
  return names.length > MOST_ENTRIES ? names.sort() : names.sort(NAMES.compare)
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // A link that leads nowhere.
    return false
  }
}

function crumbsOf(folder: string): { name: string; path: string }[] {
  const { root } = parse(folder)
  const crumbs: { name: string; path: string }[] = []
  for (let path = folder; path !== root; path = dirname(path)) crumbs.unshift({ name: basename(path), path })
  return [{ name: root, path: root }, ...crumbs]
}
