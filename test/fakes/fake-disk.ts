/**
 * A disk in memory: inodes with names, as POSIX has them. Programs use it directly; the engine through
 * `createFakeFileSystem`. It outlives the processes that use it.
 *
 * Times are the kernel's: they come in ticks. A name's folder must exist, except for the programs' calls,
 * which make it first, as programs do.
 */
import type { DirectoryEntry, FileKind, FileStat } from '../../src/engine/ports/file-system.ts'
import { FileSystemError } from '../../src/engine/ports/file-system.ts'
import type { OpenFiles, Writers } from '../../src/engine/ports/open-files.ts'
import { isWithin, nameOf, parentOf } from '../../src/engine/core/tree.ts'

export type Actor = 'program' | 'engine'

export interface Inode {
  readonly ino: number
  readonly kind: FileKind
  bytes: Uint8Array
  mtimeMs: number
  ctimeMs: number
  readonly birthtimeMs: number
  mode: number
  /** How many names it has. */
  names: number
  /** Whether a program has made it, or written into it. */
  writtenByProgram: boolean
  /** Whether a program has given it a name, or a new one. */
  namedByProgram: boolean
}

export interface DiskListener {
  /** Something at this path has changed. */
  onChange?(path: string, by: Actor): void
  /** The name no longer leads to this file: it was removed, renamed or replaced. */
  onNameLost?(path: string, inode: Inode, by: Actor): void
  /** The last name is gone, and the content with it. */
  onFreed?(inode: Inode, path: string, by: Actor): void
  /** The name now leads to this content. */
  onContent?(path: string, inode: Inode, by: Actor): void
  /** Sync has appended to the file at this path, which held `before`. */
  onAppended?(path: string, before: Uint8Array): void
  /** A program has written into the file, whatever its names are now. */
  onWritten?(inode: Inode): void
}

export interface DiskOptions {
  /** The kernel's time in milliseconds since the epoch, with fractions. */
  readonly now: () => number
  /** Times are whole multiples of this, in milliseconds. */
  readonly tickMs?: number
  readonly hardLinks?: boolean
  /** Longest name in UTF-8 bytes. */
  readonly nameBytes?: number
}

type Right = 'read' | 'change' | 'enter'

export class FakeDisk {
  readonly hardLinks: boolean
  readonly listeners = new Set<DiskListener>()
  /** Room for contents in bytes, for the engine; programs find some always. */
  quotaBytes = Number.POSITIVE_INFINITY
  readonly #now: () => number
  readonly #tickMs: number
  readonly #nameBytes: number
  #nodes = new Map<string, Inode>()
  #nextIno = 1
  readonly #denied = new Map<string, ReadonlySet<Right>>()
  readonly #open = new Set<OpenFile>()

  constructor(options: DiskOptions) {
    this.#now = options.now
    this.#tickMs = options.tickMs ?? 4
    this.hardLinks = options.hardLinks ?? true
    this.#nameBytes = options.nameBytes ?? 255
    this.#nodes.set('', this.#newInode('directory', new Uint8Array()))
  }

  // What both sides use.

  get(path: string): Inode | undefined {
    return this.#nodes.get(path)
  }

  paths(kind: FileKind = 'file'): string[] {
    return [...this.#nodes]
      .filter(([, inode]) => inode.kind === kind)
      .map(([path]) => path)
      .sort()
  }

  stat(path: string): FileStat | null {
    const inode = this.#nodes.get(path)
    if (inode === undefined) return null
    const { ino, kind, mtimeMs, ctimeMs, birthtimeMs, mode, bytes } = inode
    return { ino, kind, mtimeMs, ctimeMs, birthtimeMs, mode, dev: 1, size: bytes.length }
  }

  list(folder: string): DirectoryEntry[] {
    const entries: DirectoryEntry[] = []
    for (const [path, { kind }] of this.#nodes) {
      if (path !== '' && parentOf(path) === folder) entries.push({ name: nameOf(path), kind })
    }
    return entries
  }

  usedBytes(): number {
    return [...new Set(this.#nodes.values())].reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  isDenied(path: string, right: Right): boolean {
    return this.#denied.get(path)?.has(right) === true
  }

  /** Where the path leads through something that is no folder, or nothing: which. */
  obstacle(path: string): { readonly path: string; readonly inode: Inode | undefined } | null {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const folder = path.slice(0, slash)
      const inode = this.#nodes.get(folder)
      if (inode?.kind !== 'directory') return { path: folder, inode }
    }
    return null
  }

  putFile(path: string, bytes: Uint8Array, by: Actor, mode = 0o644): Inode {
    this.#requireName(path)
    const inode = this.#newInode('file', bytes)
    inode.mode = mode
    inode.writtenByProgram = by === 'program'
    this.#give(path, inode, by)
    return inode
  }

  putFolder(path: string, by: Actor): void {
    this.#requireName(path)
    this.#nodes.set(path, this.#newInode('directory', new Uint8Array()))
    this.#changed(path, by)
  }

  setTime(inode: Inode, mtimeMs: number): void {
    // What stamps files coarsely keeps no finer times, either.
    inode.mtimeMs = this.#tickMs < 1_000 ? Math.round(mtimeMs * 1000) / 1000 : this.#tickOf(mtimeMs)
    inode.ctimeMs = this.#tick()
  }

  /** As the engine does it; it is told of once all is there. */
  appendTo(inode: Inode, bytes: Uint8Array): void {
    inode.bytes = Uint8Array.from(Buffer.concat([inode.bytes, bytes]))
    inode.mtimeMs = this.#tick()
    inode.ctimeMs = inode.mtimeMs
  }

  appended(path: string, before: Uint8Array): void {
    const inode = this.#file(path)
    for (const listener of this.listeners) {
      listener.onAppended?.(path, before)
      listener.onContent?.(path, inode, 'engine')
    }
    this.#changed(path, 'engine')
  }

  linkName(path: string, newPath: string, by: Actor): void {
    this.#requireName(newPath)
    const inode = this.#file(path)
    inode.ctimeMs = this.#tick()
    this.#give(newPath, inode, by)
  }

  moveName(path: string, newPath: string, by: Actor): void {
    this.#requireName(newPath)
    const inode = this.#file(path)
    if (this.#nodes.get(newPath) === inode) return
    inode.ctimeMs = this.#tick()
    this.#give(newPath, inode, by)
    this.#take(path, by)
  }

  removeName(path: string, by: Actor): void {
    this.#take(path, by)
  }

  removeFolder(path: string, by: Actor): void {
    this.#nodes.delete(path)
    this.#changed(path, by)
  }

  // What programs do.

  text(path: string): string | null {
    const inode = this.#nodes.get(path)
    return inode?.kind === 'file' ? new TextDecoder().decode(inode.bytes) : null
  }

  makeFolders(path: string): void {
    if (path === '' || this.#nodes.has(path)) return
    this.makeFolders(parentOf(path))
    this.putFolder(path, 'program')
  }

  /** Saves by a temporary file of its own and a rename. */
  writeByRename(path: string, content: string | Uint8Array): void {
    this.makeFolders(parentOf(path))
    const inode = this.#newInode('file', bytesOf(content))
    inode.writtenByProgram = true
    this.#give(path, inode, 'program')
  }

  /** Opens the file, made where it is missing. Nothing is truncated yet. */
  open(path: string, writers: OpenFile['writers'] = 'writing'): OpenFile {
    this.makeFolders(parentOf(path))
    let inode = this.#nodes.get(path)
    if (inode === undefined) inode = this.putFile(path, new Uint8Array(), 'program')
    if (inode.kind !== 'file') throw new FileSystemError('EISDIR', path, 'a folder')
    const file = new OpenFile(inode, writers, {
      onWrite: written => this.#written(written),
      onClose: () => this.#open.delete(file),
    })
    this.#open.add(file)
    return file
  }

  /** What the system tells of programs (port: engine/ports/open-files). */
  get openFiles(): OpenFiles {
    return { writersOf: async paths => paths.map(path => this.#writersOf(path)) }
  }

  #writersOf(path: string): Writers {
    const all = [...this.#open].filter(({ inode }) => inode === this.#nodes.get(path))
    if (all.length === 0) return 'none'
    return all.every(({ writers }) => writers === 'appending') ? 'appending' : 'writing'
  }

  /** Truncates, then writes; a simulation that wants to come between takes `open`. */
  writeInPlace(path: string, content: string | Uint8Array): void {
    const file = this.open(path)
    file.truncate()
    file.write(bytesOf(content))
    file.close()
  }

  append(path: string, content: string | Uint8Array): void {
    const file = this.open(path, 'appending')
    file.append(bytesOf(content))
    file.close()
  }

  touch(path: string, mtimeMs: number = this.#tick()): void {
    this.setTime(this.#file(path), mtimeMs)
    this.#changed(path, 'program')
  }

  delete(path: string): void {
    for (const below of this.#within(path).reverse()) {
      if (this.#nodes.get(below)!.kind === 'directory') this.removeFolder(below, 'program')
      else this.#take(below, 'program')
    }
  }

  /** A file or a folder with all that is in it. */
  move(path: string, newPath: string): void {
    this.makeFolders(parentOf(newPath))
    const moved = this.#within(path).map(from => [from, newPath + from.slice(path.length)] as const)
    for (const [from, to] of moved) {
      const inode = this.#nodes.get(from)!
      if (inode.kind === 'directory') this.#nodes.set(to, inode)
      else {
        if (from === path) inode.ctimeMs = this.#tick()
        this.#give(to, inode, 'program')
      }
    }
    for (const [from] of moved.toReversed()) {
      if (this.#nodes.get(from)!.kind === 'directory') this.#nodes.delete(from)
      else this.#take(from, 'program')
    }
    this.#changed(path, 'program')
    this.#changed(newPath, 'program')
  }

  symlink(path: string): void {
    this.makeFolders(parentOf(path))
    this.#nodes.set(path, this.#newInode('link', new Uint8Array()))
    this.#changed(path, 'program')
  }

  /** Takes a whole folder off the disk, as when a drive is unmounted; the returned function puts it back. */
  unmount(path: string): () => void {
    const away = this.#within(path).map(at => [at, this.#nodes.get(at)!] as const)
    for (const [at] of away) this.#nodes.delete(at)
    this.#changed(path, 'program')
    return () => {
      for (const at of this.#within(path)) this.#nodes.delete(at)
      for (const [at, inode] of away) {
        this.#nodes.set(at, inode)
        inode.namedByProgram = true
        if (inode.kind === 'file')
          for (const listener of this.listeners) listener.onContent?.(at, inode, 'program')
      }
      this.#changed(path, 'program')
    }
  }

  /** Takes rights away from this path, or with none gives them all back. */
  deny(path: string, ...rights: Right[]): void {
    if (rights.length === 0) this.#denied.delete(path)
    else this.#denied.set(path, new Set(rights))
    const inode = this.#nodes.get(path)
    if (inode !== undefined) inode.ctimeMs = this.#tick()
    this.#changed(path, 'program')
  }

  allowEverything(): void {
    for (const path of this.#denied.keys()) this.deny(path)
  }

  #within(path: string): string[] {
    return [...this.#nodes.keys()].filter(at => isWithin(path, at)).sort()
  }

  #file(path: string): Inode {
    const inode = this.#nodes.get(path)
    if (inode === undefined) throw new FileSystemError('ENOENT', path, 'nothing there')
    return inode
  }

  #written(inode: Inode): void {
    inode.mtimeMs = this.#tick()
    inode.ctimeMs = inode.mtimeMs
    for (const listener of this.listeners) listener.onWritten?.(inode)
    for (const [path, other] of this.#nodes) {
      if (other !== inode) continue
      for (const listener of this.listeners) listener.onContent?.(path, inode, 'program')
      this.#changed(path, 'program')
    }
  }

  #give(path: string, inode: Inode, by: Actor): void {
    const former = this.#nodes.get(path)
    if (by === 'program') inode.namedByProgram = true
    inode.names += 1
    this.#nodes.set(path, inode)
    if (former !== undefined) this.#unname(path, former, by)
    for (const listener of this.listeners) listener.onContent?.(path, inode, by)
    this.#changed(path, by)
  }

  #take(path: string, by: Actor): void {
    const inode = this.#nodes.get(path)
    if (inode === undefined) return
    this.#nodes.delete(path)
    this.#unname(path, inode, by)
    this.#changed(path, by)
  }

  #unname(path: string, inode: Inode, by: Actor): void {
    inode.names -= 1
    inode.ctimeMs = this.#tick()
    for (const listener of this.listeners) listener.onNameLost?.(path, inode, by)
    if (inode.names > 0) return
    for (const listener of this.listeners) listener.onFreed?.(inode, path, by)
  }

  #changed(path: string, by: Actor): void {
    for (const listener of this.listeners) listener.onChange?.(path, by)
  }

  #newInode(kind: FileKind, bytes: Uint8Array): Inode {
    const now = this.#tick()
    const ino = this.#nextIno++
    return {
      ino,
      kind,
      bytes: Uint8Array.from(bytes),
      mtimeMs: now,
      ctimeMs: now,
      birthtimeMs: now,
      mode: kind === 'directory' ? 0o755 : 0o644,
      names: 0,
      writtenByProgram: false,
      namedByProgram: false,
    }
  }

  #requireName(path: string): void {
    if (Buffer.byteLength(nameOf(path)) > this.#nameBytes) {
      throw new FileSystemError('ENAMETOOLONG', path, 'the name is too long')
    }
  }

  #tick(): number {
    return this.#tickOf(this.#now())
  }

  #tickOf(time: number): number {
    return Math.floor(time / this.#tickMs) * this.#tickMs
  }
}

/** A program's open file: it follows the inode wherever its names go, also when it has none any more. */
export class OpenFile {
  readonly inode: Inode
  readonly writers: 'appending' | 'writing'
  readonly #onWrite: (inode: Inode) => void
  readonly #onClose: () => void

  constructor(
    inode: Inode,
    writers: OpenFile['writers'],
    { onWrite, onClose }: { onWrite(inode: Inode): void; onClose(): void },
  ) {
    this.inode = inode
    this.writers = writers
    this.#onWrite = onWrite
    this.#onClose = onClose
  }

  close(): void {
    this.#onClose()
  }

  truncate(): void {
    this.write(new Uint8Array())
  }

  /** The whole content anew. */
  write(content: string | Uint8Array): void {
    this.inode.bytes = Uint8Array.from(bytesOf(content))
    this.inode.writtenByProgram = true
    this.#onWrite(this.inode)
  }

  append(content: string | Uint8Array): void {
    this.write(Buffer.concat([this.inode.bytes, bytesOf(content)]))
  }
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content
}
