/** A tree is a flat map from path to entry: folders exist only in that files lie in them. */

export type Tree<Entry> = Map<string, Entry>
export type ReadonlyTree<Entry> = ReadonlyMap<string, Entry>

/** The folder a path lies in, '' at the top. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '' : path.slice(0, slash)
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** Whether `path` is `folder` itself or lies anywhere below it. Everything lies below ''. */
export function isWithin(folder: string, path: string): boolean {
  return folder === '' || path === folder || (path.startsWith(folder) && path[folder.length] === '/')
}
