/**
 * Who has files open for writing (port: engine/ports/open-files), as Linux tells in /proc (proc_pid_fd(5),
 * proc_pid_fdinfo(5)): one look at the open files of all processes that this user may look into.
 *
 * The links of open files are read first, which asks no file system: one on a server that does not answer must not hold
 * us up. Only those whose name fits are looked at further.
 */
import {
  constants,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { sep } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { readPutAside } from '../engine/core/temporary-name.ts'
import { nameOf } from '../engine/core/tree.ts'
import type { OpenFiles, Writers } from '../engine/ports/open-files.ts'

/** How long the event loop may stand still, in milliseconds. */
const SLICE_MS = 8
/** The name of the first pid namespace, of those who see everybody (PROC_PID_INIT_INO in the kernel's proc_ns.h). */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]'
/** TMPFS_MAGIC, statfs(2). */
const TMPFS = 0x01_02_19_94
/** What Linux puts behind the path of a file whose name has gone. */
const NAME_GONE = ' (deleted)'

export function openFilesOf(projectFolder: string): OpenFiles {
  if (process.platform !== 'linux') return { writersOf: async paths => paths.map(() => 'unknown') }
  const folder = realpathSync.native(projectFolder)
  const prefix = folder.endsWith(sep) ? folder : folder + sep
  return { writersOf: paths => writersOf(prefix, paths, seesEverybody(folder) ? 'none' : 'unknown') }
}

/**
 * A container sees its own processes only. Others may have a folder open that lies on a mount, not one that is part of
 * the container.
 */
function seesEverybody(folder: string): boolean {
  try {
    if (readlinkSync('/proc/self/ns/pid') === FIRST_PID_NAMESPACE) return true
    return statSync(folder).dev === statSync('/').dev || statfsSync(folder).type === TMPFS
  } catch {
    return false
  }
}

interface Target {
  readonly dev: number
  readonly ino: number
  writers: Writers
}

async function writersOf(prefix: string, paths: readonly string[], nobody: Writers): Promise<Writers[]> {
  const targets = paths.map(path => targetAt(prefix + path, nobody))
  const names = namesOf(paths)
  let since = performance.now()
  for (const fd of openFiles()) {
    if (performance.now() - since >= SLICE_MS) {
      await nextTurn()
      since = performance.now()
    }
    if (isNamed(fd, names)) noteWriter(fd, targets)
  }
  return targets.map(target => target?.writers ?? 'none')
}

/** Null where there is no such file. */
function targetAt(absolute: string, writers: Writers): Target | null {
  try {
    const stats = lstatSync(absolute, { throwIfNoEntry: false })
    return stats === undefined ? null : { dev: stats.dev, ino: stats.ino, writers }
  } catch {
    // A folder on the way cannot be entered any more.
    return null
  }
}

/** Under which names processes may have opened the files; null where one of them cannot be known. */
function namesOf(paths: readonly string[]): Set<string> | null {
  const names = new Set<string>()
  for (const path of paths) {
    names.add(nameOf(path))
    const aside = readPutAside(path)
    if (aside === null) continue
    if (aside.path === null) return null
    names.add(nameOf(aside.path))
  }
  return names
}

/** `/proc/<pid>/fd/<number>`, in no order. */
function* openFiles(): Generator<string> {
  for (const pid of entriesOf('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    for (const number of entriesOf(`/proc/${pid}/fd`)) yield `/proc/${pid}/fd/${number}`
  }
}

/** None where the process has ended, or is somebody else's. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isNamed(fd: string, names: ReadonlySet<string> | null): boolean {
  try {
    const path = readlinkSync(fd)
    if (!path.startsWith('/')) return false
    const name = nameOf(path)
    return names === null || names.has(name) || names.has(name.slice(0, -NAME_GONE.length))
  } catch {
    // Closed meanwhile.
    return false
  }
}

function noteWriter(fd: string, targets: readonly (Target | null)[]): void {
  try {
    const flags = flagsOf(readFileSync(fd.replace('/fd/', '/fdinfo/'), 'utf8'))
    if ((flags & (constants.O_WRONLY | constants.O_RDWR)) === 0) return
    const { dev, ino } = statSync(fd)
    for (const target of targets) {
      if (target === null || target.dev !== dev || target.ino !== ino) continue
      const isAppending = (flags & constants.O_APPEND) !== 0 && target.writers !== 'writing'
      target.writers = isAppending ? 'appending' : 'writing'
    }
  } catch {
    // Closed meanwhile.
  }
}

/** Of open(2), written in octal. */
function flagsOf(fdinfo: string): number {
  return Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(fdinfo)?.[1] ?? '0', 8)
}
