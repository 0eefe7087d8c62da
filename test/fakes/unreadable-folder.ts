/** A file system on which folders can be listed no longer, for a while. */
import { type FileSystem, FileSystemError } from '../../src/engine/ports/file-system.ts'

export function withUnreadableFolders(isUnreadable: () => boolean): (fs: FileSystem) => FileSystem {
  return fs => {
    const list: FileSystem['list'] = folder => {
      if (isUnreadable()) throw new FileSystemError('EIO', folder, 'EIO: i/o error, scandir')
      return fs.list(folder)
    }
    return new Proxy(fs, {
      get(target, name) {
        const member: unknown = name === 'list' ? list : Reflect.get(target, name)
        return typeof member === 'function' ? (member.bind(target) as unknown) : member
      },
    })
  }
}
