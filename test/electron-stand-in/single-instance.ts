/**
 * One running app for each user data folder. The second one leaves its arguments in a folder that the first
 * watches: the call that asks is synchronous, so it can wait for no answer.
 */
import {
  closeSync,
  type FSWatcher,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

export interface SecondStart {
  readonly argv: readonly string[]
  readonly workingDirectory: string
  readonly additionalData: unknown
}

export class SingleInstance {
  readonly #lock: string
  readonly #inbox: string
  readonly #onSecond: (start: SecondStart) => void
  #watcher: FSWatcher | null = null

  constructor(folder: string, onSecond: (start: SecondStart) => void) {
    mkdirSync(folder, { recursive: true })
    this.#lock = join(folder, 'SingleInstanceLock')
    this.#inbox = join(folder, 'SecondStarts')
    this.#onSecond = onSecond
  }

  get isHeld(): boolean {
    return this.#watcher !== null
  }

  /** False where another one runs; it then hears of this start. */
  request(start: SecondStart): boolean {
    if (this.isHeld) return true
    if (!this.#take()) {
      this.#tell(start)
      return false
    }
    mkdirSync(this.#inbox, { recursive: true })
    this.#watcher = watch(this.#inbox, () => this.#look())
    this.#watcher.unref()
    this.#look()
    return true
  }

  release(): void {
    if (!this.isHeld) return
    this.#watcher?.close()
    this.#watcher = null
    rmSync(this.#lock, { force: true })
  }

  #take(): boolean {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        const handle = openSync(this.#lock, 'wx')
        writeSync(handle, String(process.pid))
        closeSync(handle)
        return true
      } catch {
        if (isAlive(Number(readFileSync(this.#lock, 'utf8')))) return false
        rmSync(this.#lock, { force: true })
      }
    }
    return false
  }

  #tell(start: SecondStart): void {
    const file = join(this.#inbox, `${process.pid}.json`)
    writeFileSync(`${file}.new`, JSON.stringify(start))
    renameSync(`${file}.new`, file)
  }

  #look(): void {
    for (const name of readdirSync(this.#inbox).filter(each => each.endsWith('.json'))) {
      const file = join(this.#inbox, name)
      const start = JSON.parse(readFileSync(file, 'utf8')) as SecondStart
      rmSync(file)
      this.#onSecond(start)
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
