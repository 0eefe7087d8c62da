/**
 * Names that a file system takes for one and the same: `A.md` and `a.md`, or one letter with an accent and
 * two. A database tells them apart, so two records may claim one file here; only the first can be it.
 */
import { join } from './core/tree.ts'
import type { Problem } from './core/problem.ts'
import type { FileSystem } from './ports/file-system.ts'

/** What stands at the path, or above it, under a name that is spelled otherwise; null where there is no such thing. */
export function nameTwin(fs: FileSystem, path: string): string | null {
  if (fs.foldsNames !== true) return null
  let folder = ''
  for (const name of path.split('/')) {
    const entries = fs.list(folder)
    if (entries === null) return null
    if (!entries.some(entry => entry.name === name)) return twinIn(fs, folder, name, entries)
    folder = join(folder, name)
  }
  return null
}

function twinIn(
  fs: FileSystem,
  folder: string,
  name: string,
  entries: readonly { readonly name: string }[],
): string | null {
  if (fs.lstat(join(folder, name)) === null) return null
  const twin = entries.find(entry => fold(entry.name) === fold(name))
  return join(folder, twin?.name ?? name)
}

/** As the common file systems compare names; where they differ from it, the twin is only named less well. */
function fold(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

export function nameTwinProblem(path: string, twin: string): Problem & { readonly path: string } {
  const message =
    `This device cannot hold ${path} beside ${twin}: their names differ only in capitals or accents. ` +
    'Rename one of them on a device that has both.'
  return { code: 'name-collision', path, message }
}
