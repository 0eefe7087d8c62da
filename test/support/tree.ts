/** The files of a project as a test compares them: by path, each content byte for byte. */
import { type Dirent, readFileSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { TEMPORARY_PREFIX } from '../../src/engine/core/denylist.ts'
import { readPutAside } from '../../src/engine/core/temporary-name.ts'

/** Contents in `latin1`: one character for each byte, so that two texts are equal just when the bytes are. */
export type Tree = ReadonlyMap<string, string>

/** All files below `folder` of the project, links left out, sync's own files left out. */
export function treeOf(project: string, folder = 'data'): Tree {
  const tree = new Map<string, string>()
  for (const entry of entriesOf(join(project, folder))) {
    if (!entry.isFile() || isSyncsOwn(entry.name)) continue
    const absolute = join(entry.parentPath, entry.name)
    const bytes = readIfThere(absolute)
    if (bytes !== null) tree.set(relative(project, absolute).split(sep).join('/'), bytes.toString('latin1'))
  }
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Folders below `folder`, sorted. */
export function foldersOf(project: string, folder = 'data'): string[] {
  return entriesOf(join(project, folder))
    .filter(entry => entry.isDirectory())
    .map(entry => relative(project, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

/** What a crash or a fault may leave behind. Where nobody tells who has a file open, what was replaced stays for minutes. */
export function temporaryFiles(project: string): string[] {
  const isKept = (path: string): boolean => process.platform !== 'linux' && readPutAside(path) !== null
  return entriesOf(project)
    .filter(({ name }) => name.startsWith(TEMPORARY_PREFIX) && !isKept(name))
    .map(entry => relative(project, join(entry.parentPath, entry.name)))
}

export function isEqual(a: Tree, b: Tree): boolean {
  return differences(a, b).length === 0
}

/** Up to ten paths that differ, with how. */
export function differences(a: Tree, b: Tree): string[] {
  const paths = [...new Set([...a.keys(), ...b.keys()])].sort()
  const differing = paths.filter(path => a.get(path) !== b.get(path))
  return differing.slice(0, 10).map(path => `${path}: ${brief(a.get(path))} against ${brief(b.get(path))}`)
}

export function latin1(content: string | Uint8Array): string {
  return Buffer.from(content).toString('latin1')
}

function brief(content: string | undefined): string {
  if (content === undefined) return 'nothing'
  return content.length > 60
    ? `${JSON.stringify(content.slice(0, 60))}… (${content.length} bytes)`
    : JSON.stringify(content)
}

function isSyncsOwn(name: string): boolean {
  return (
    name === 'sync-config.json' ||
    name.endsWith('.conflict') ||
    name.startsWith(TEMPORARY_PREFIX) ||
    name.startsWith('sync.db')
  )
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
  } catch (error) {
    // A folder may go while it is being read.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
