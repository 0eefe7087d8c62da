/** An engine's place at a folder: its lock (R14), from the first start to the end, through all that fails in between. */
import type { Problem } from '../engine/core/problem.ts'
import { acquireEngineLock, type EngineLock } from '../platform/engine-lock.ts'
import { FolderHeldError } from './errors.ts'
import { stateFolderOf } from './moved-project.ts'

export class EngineSeat {
  readonly #home: string
  readonly #command: string
  #taken: { readonly stateFolder: string; readonly lock: EngineLock } | null = null
  #problems: readonly Problem[] = []

  /** `home` is LOCKSTEP_HOME; `command` tells others who holds the folder. */
  constructor(home: string, command: string) {
    this.#home = home
    this.#command = command
  }

  /** The folder that the state of the project belongs in. Rejects with FolderHeldError. */
  async take(folder: string): Promise<string> {
    const stateFolder = stateFolderOf(this.#home, folder)
    if (this.#taken?.stateFolder === stateFolder && this.isInPlace()) return stateFolder
    this.release()
    const holder = { pid: process.pid, startedAt: Date.now(), command: this.#command }
    const lock = await acquireEngineLock(stateFolder, holder)
    if ('heldBy' in lock) throw new FolderHeldError(folder, lock.heldBy)
    this.#taken = { stateFolder, lock }
    lock.tell(this.#problems)
    return stateFolder
  }

  /** Says what is wrong with the folder as a whole to whoever asks how the engine is. */
  tell(problems: readonly Problem[]): void {
    this.#problems = problems
    this.#taken?.lock.tell(problems)
  }

  isInPlace(): boolean {
    return this.#taken?.lock.isInPlace() === true
  }

  release(): void {
    this.#taken?.lock.release()
    this.#taken = null
  }
}
