/** A file system that takes names for one that differ in capitals or in how accents are written, as on macOS and Windows. */
import type { FileSystem } from '../../src/engine/ports/file-system.ts'
import { join } from '../../src/engine/core/tree.ts'

export function foldingFileSystem(fs: FileSystem): FileSystem {
  /** The path as it is spelled on the disk, as far as it is there. */
  function spelled(path: string): string {
    let folder = ''
    for (const name of path === '' ? [] : path.split('/')) {
      const names = (fs.list(folder) ?? []).map(entry => entry.name)
      folder = join(folder, names.find(other => fold(other) === fold(name)) ?? name)
    }
    return folder
  }
  return {
    foldsNames: true,
    within: (folder, work) => fs.within(spelled(folder), work),
    lstat: path => fs.lstat(spelled(path)),
    list: path => fs.list(spelled(path)),
    read: path => fs.read(spelled(path)),
    create: (path, bytes, options) => fs.create(spelled(path), bytes, options),
    append: (path, bytes, expected) => fs.append(spelled(path), bytes, expected),
    link: (path, newPath) => fs.link(spelled(path), spelled(newPath)),
    rename: (path, newPath) => fs.rename(spelled(path), spelled(newPath)),
    unlink: path => fs.unlink(spelled(path)),
    makeDirectory: (path, mode) => fs.makeDirectory(spelled(path), mode),
    removeEmptyDirectory: path => fs.removeEmptyDirectory(spelled(path)),
    flush: paths => fs.flush(paths.map(spelled)),
  }
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
