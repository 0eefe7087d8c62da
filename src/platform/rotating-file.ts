/**
 * A file that lines are appended to, with a bound on the disk it takes. Several processes may append to it:
 * each line is one write, and whoever finds it full moves it on.
 */
import { closeSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from './make-folder.ts'

export interface RotationOptions {
  readonly maxBytes?: number
  /** The current file included. */
  readonly files?: number
}

const DEFAULT_MAX_BYTES = 5 * 1024 * 1024
const DEFAULT_FILES = 3

export class RotatingFile {
  readonly #path: string
  readonly #maxBytes: number
  readonly #files: number
  #file: number | null = null
  #size = 0

  /** Nothing is touched before the first line. */
  constructor(path: string, options: RotationOptions = {}) {
    this.#path = path
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
    this.#files = options.files ?? DEFAULT_FILES
  }

  /** Never throws: a full disk must not stop what is being logged. The line is lost then. */
  write(line: string): void {
    try {
      const bytes = Buffer.from(line)
      if (this.#file !== null && this.#size + bytes.length > this.#maxBytes) this.#moveOn(this.#file)
      this.#file ??= this.#open()
      this.#size += writeSync(this.#file, bytes)
    } catch {
      this.close()
    }
  }

  close(): void {
    if (this.#file === null) return
    closeSync(this.#file)
    this.#file = null
  }

  #open(): number {
    makeFolder(dirname(this.#path))
    const file = openSync(this.#path, 'a', 0o600)
    this.#size = fstatSync(file).size
    return file
  }

  #moveOn(file: number): void {
    const own = fstatSync(file).ino
    const current = statSync(this.#path, { throwIfNoEntry: false })?.ino
    this.close()
    // Otherwise another process has moved it on already.
    if (own === current) this.#rename()
  }

  #rename(): void {
    for (let index = this.#files - 1; index >= 1; index--) {
      const from = index === 1 ? this.#path : `${this.#path}.${index - 1}`
      if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${this.#path}.${index}`)
    }
  }
}
