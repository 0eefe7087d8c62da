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
import type { Random } from './random.ts'

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
  /** A break has made the path what it is: the file that lies there now, if one does. */
  onBreak?(path: string, inode: Inode | undefined, by: DiskBreak): void
}

type DiskBreak = 'power-cut' | 'drive'

/** What of a file may not be on the disk yet, as the disk has it, and since when, in milliseconds since the epoch. */
interface OldContent extends Pick<Inode, 'bytes' | 'mtimeMs' | 'ctimeMs'> {
  readonly at: number
}

interface OldName {
  readonly inode: Inode | undefined
  readonly ctimeMs: number
  readonly at: number
}

/** Which part of what was not flushed a power cut takes, each in [0, 1]. */
export interface PowerCut {
  readonly names: number
  readonly contents: number
}

/** A copy of a folder's files, with their times. */
export type FolderCopy = ReadonlyMap<string, Pick<Inode, 'bytes' | 'mtimeMs' | 'mode'>>

/** How a copy comes back: over what is there, in the place of it (what is not in the copy goes), or as a folder of its own. */
export type PutBack = 'over' | 'mirror' | 'exchange'

/** The kernel writes what is older than this by itself, in milliseconds. */
const WRITEBACK_MS = 30_000
/** How long it takes to make a folder from a copy, in milliseconds. */
const COPYING_MS = 1_000
const FIRST_DEV = 1

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
  /** Names and contents that have changed since they were flushed. */
  readonly #oldNames = new Map<string, OldName>()
  readonly #oldContents = new Map<Inode, OldContent>()
  /** Folders that are mount points, by the number of their file system. */
  readonly #mounted = new Map<string, number>()
  /** What lies in their folders, below the drives. */
  readonly #beneath = new Map<string, ReadonlyMap<string, Inode>>()
  #nextDev = FIRST_DEV + 1
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
    return { ino, kind, mtimeMs, ctimeMs, birthtimeMs, mode, dev: this.#devOf(path), size: bytes.length }
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

  /** The disk has the file as it is now, or has that there is none. */
  flush(path: string): void {
    this.#oldNames.delete(path)
    const inode = this.#nodes.get(path)
    if (inode !== undefined) this.#oldContents.delete(inode)
  }

  flushEverything(): void {
    this.#oldNames.clear()
    this.#oldContents.clear()
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
    this.#touchFolder(path)
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
    this.#touchFolder(path)
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
      onWriting: written => this.#noteContent(written),
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
    this.#noteContent(this.#file(path))
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
    this.flushEverything()
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

  /** A drive comes to lie over the folder, with the files that are in it now. */
  mount(folder: string): void {
    this.#mounted.set(folder, this.#nextDev++)
  }

  isMounted(folder: string): boolean {
    return this.#mounted.has(folder)
  }

  /** The drive goes and leaves the folder; the returned function brings it back, over what has come there meanwhile. */
  unmountDrive(folder: string): () => void {
    this.flushEverything()
    this.#mounted.delete(folder)
    const away = this.#exchangeFiles(folder, this.#beneath.get(folder) ?? new Map())
    return () => {
      this.makeFolders(folder)
      this.#beneath.set(folder, this.#exchangeFiles(folder, away))
      this.mount(folder)
    }
  }

  /** Others in the place of all that lies in the folder; what lay there. */
  #exchangeFiles(folder: string, others: ReadonlyMap<string, Inode>): Map<string, Inode> {
    const former = new Map(
      this.#within(folder)
        .filter(path => path !== folder)
        .map(path => [path, this.#nodes.get(path)!]),
    )
    for (const path of former.keys()) this.#nodes.delete(path)
    this.#tellOfBreak(former.keys(), 'drive')
    for (const [path, inode] of others) this.#nodes.set(path, inode)
    this.#tellOfBreak(others.keys(), 'drive')
    this.#changed(folder, 'program')
    return former
  }

  /** What a backup would have of the folder. */
  copyOf(folder: string): FolderCopy {
    const files = this.#within(folder).filter(path => this.#nodes.get(path)!.kind === 'file')
    return new Map(files.map(path => [path, { ...this.#nodes.get(path)! }]))
  }

  /** A backup is put back with its times; all of it is on the disk. The paths of its files that have come or changed. */
  putBack(folder: string, copy: FolderCopy, how: PutBack): string[] {
    if (how === 'exchange') this.#exchange(folder)
    const gone = how === 'mirror' ? this.#filesWithin(folder).filter(path => !copy.has(path)) : []
    for (const path of gone) this.#take(path, 'program')
    const changed = [...copy].filter(([path, { bytes, mtimeMs }]) => {
      const inode = this.#nodes.get(path)
      return inode === undefined || inode.mtimeMs !== mtimeMs || !Buffer.from(inode.bytes).equals(bytes)
    })
    for (const [path, file] of changed) this.#putCopy(path, file)
    this.flushEverything()
    return changed.map(([path]) => path)
  }

  #exchange(folder: string): void {
    for (const path of this.#filesWithin(folder)) this.#take(path, 'program')
    for (const path of this.#within(folder).reverse()) this.#nodes.delete(path)
    this.makeFolders(folder)
    // It was filled before it came here.
    const made = this.#nodes.get(folder)!
    this.#nodes.set(folder, { ...made, birthtimeMs: this.#tickOf(made.birthtimeMs - COPYING_MS) })
  }

  #putCopy(path: string, { bytes, mtimeMs, mode }: Pick<Inode, 'bytes' | 'mtimeMs' | 'mode'>): void {
    if (this.#nodes.get(path)?.kind === 'directory') return
    this.makeFolders(parentOf(path))
    const inode = this.#newInode('file', bytes)
    this.setTime(inode, mtimeMs)
    inode.mode = mode
    inode.writtenByProgram = true
    this.#give(path, inode, 'program')
  }

  #filesWithin(folder: string): string[] {
    return this.#within(folder).filter(path => this.#nodes.get(path)!.kind === 'file')
  }

  /** The power goes: of what was not flushed, parts are as they were before. */
  powerCut(random: Random, cut: PowerCut): void {
    const before = new Map([...this.#nodes].map(([path, inode]) => [path, inode.bytes]))
    const isOnDisk = ({ at }: { readonly at: number }): boolean => at < this.#now() - WRITEBACK_MS
    for (const [inode, old] of this.#oldContents)
      if (!isOnDisk(old) && random.chance(cut.contents)) loseContent(inode, old, random.chance(0.5))
    for (const [path, old] of this.#oldNames)
      if (!isOnDisk(old) && random.chance(cut.names)) this.#loseName(path, old)
    this.flushEverything()
    this.#countNames()
    const paths = new Set([...before.keys(), ...this.#nodes.keys()])
    const broken = [...paths].filter(path => this.#nodes.get(path)?.bytes !== before.get(path))
    this.#tellOfBreak(broken, 'power-cut')
  }

  #loseName(path: string, { inode, ctimeMs }: OldName): void {
    if (inode === undefined) {
      this.#nodes.delete(path)
      return
    }
    if (this.#nodes.get(path)?.kind === 'directory' || this.obstacle(path)?.inode !== undefined) return
    this.#remakeFolders(parentOf(path))
    inode.ctimeMs = ctimeMs
    this.#nodes.set(path, inode)
  }

  #remakeFolders(path: string): void {
    if (this.#nodes.has(path)) return
    this.#remakeFolders(parentOf(path))
    this.#nodes.set(path, this.#newInode('directory', new Uint8Array()))
  }

  #countNames(): void {
    for (const inode of this.#nodes.values()) inode.names = 0
    for (const inode of this.#nodes.values()) inode.names += 1
  }

  #tellOfBreak(paths: Iterable<string>, by: DiskBreak): void {
    for (const path of paths) {
      const inode = this.#nodes.get(path)
      if (inode?.kind === 'directory') continue
      for (const listener of this.listeners) listener.onBreak?.(path, inode, by)
    }
  }

  #devOf(path: string): number {
    let dev = FIRST_DEV
    for (const [folder, of] of this.#mounted) if (isWithin(folder, path)) dev = of
    return dev
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

  /** The folder that has got or lost this name. */
  #touchFolder(path: string): void {
    const folder = this.#nodes.get(parentOf(path))
    if (folder === undefined) return
    folder.mtimeMs = this.#tick()
    folder.ctimeMs = folder.mtimeMs
  }

  #noteName(path: string): void {
    if (this.#oldNames.has(path)) return
    const inode = this.#nodes.get(path)
    this.#oldNames.set(path, { inode, ctimeMs: inode?.ctimeMs ?? 0, at: this.#now() })
  }

  #noteContent(inode: Inode): void {
    if (this.#oldContents.has(inode)) return
    const { bytes, mtimeMs, ctimeMs } = inode
    this.#oldContents.set(inode, { bytes, mtimeMs, ctimeMs, at: this.#now() })
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
    this.#noteName(path)
    const former = this.#nodes.get(path)
    if (by === 'program') inode.namedByProgram = true
    inode.names += 1
    this.#nodes.set(path, inode)
    this.#touchFolder(path)
    if (former !== undefined) this.#unname(path, former, by)
    for (const listener of this.listeners) listener.onContent?.(path, inode, by)
    this.#changed(path, by)
  }

  #take(path: string, by: Actor): void {
    const inode = this.#nodes.get(path)
    if (inode === undefined) return
    this.#noteName(path)
    this.#nodes.delete(path)
    this.#touchFolder(path)
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
    const inode: Inode = {
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
    const nothing = { bytes: new Uint8Array(), mtimeMs: now, ctimeMs: now, at: this.#now() }
    if (kind === 'file') this.#oldContents.set(inode, nothing)
    return inode
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

interface OpenFileListener {
  /** Before a write. */
  onWriting(inode: Inode): void
  onWrite(inode: Inode): void
  onClose(): void
}

/** A program's open file: it follows the inode wherever its names go, also when it has none any more. */
export class OpenFile {
  readonly inode: Inode
  readonly writers: 'appending' | 'writing'
  readonly #on: OpenFileListener

  constructor(inode: Inode, writers: OpenFile['writers'], on: OpenFileListener) {
    this.inode = inode
    this.writers = writers
    this.#on = on
  }

  close(): void {
    this.#on.onClose()
  }

  truncate(): void {
    this.write(new Uint8Array())
  }

  /** The whole content anew. */
  write(content: string | Uint8Array): void {
    this.#on.onWriting(this.inode)
    this.inode.bytes = Uint8Array.from(bytesOf(content))
    this.inode.writtenByProgram = true
    this.#on.onWrite(this.inode)
  }

  append(content: string | Uint8Array): void {
    this.write(Buffer.concat([this.inode.bytes, bytesOf(content)]))
  }
}

/** The journal may have kept the times of a write that itself is lost. */
function loseContent(inode: Inode, { bytes, mtimeMs, ctimeMs }: OldContent, areTimesKept: boolean): void {
  inode.bytes = bytes
  if (!areTimesKept) Object.assign(inode, { mtimeMs, ctimeMs })
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content
}
