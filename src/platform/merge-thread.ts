/**
 * Merges in a thread of their own (port: engine/ports/merger). It starts with the first merge, keeps no process alive,
 * and ends when nothing was merged for a while; a process has one for all of its folders.
 */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { MergeFile } from '../engine/core/merge.ts'
import { FILE_ID, fileConflict, type MergeChoices, type ResolveResult } from '../engine/core/merge-result.ts'
import type { Merger } from '../engine/ports/merger.ts'

export interface MergeRequest {
  readonly id: number
  readonly file: MergeFile
  /** Null where nothing was chosen, nor can be refused. */
  readonly choices: MergeChoices | null
}

export interface MergeAnswer {
  readonly id: number
  readonly result: ResolveResult
}

/** What the thread holds of memory is worth more than its start, after so long, in milliseconds. */
const IDLE_MS = 30_000

/** Its sources where this runs from sources, and what was built where this was. */
const THREAD = new URL(`./merge-worker${extname(import.meta.url)}`, import.meta.url)

export class MergeThread implements Merger {
  readonly #waiting = new Map<number, (result: ResolveResult | null) => void>()
  #worker: Worker | null = null
  #lastId = 0
  #idle: NodeJS.Timeout | null = null

  async merge(file: MergeFile, signal?: AbortSignal): ReturnType<Merger['merge']> {
    const result = await this.#ask(file, null, signal)
    return result === null || result.kind === 'refused' ? fileConflict(file, 'merge-failed', null) : result
  }

  async resolve(file: MergeFile, choices: MergeChoices, signal?: AbortSignal): Promise<ResolveResult> {
    const result = await this.#ask(file, choices, signal)
    return result ?? { kind: 'refused', id: FILE_ID, reason: 'This device could not merge the file.' }
  }

  /** Null where the thread has failed at it. */
  #ask(file: MergeFile, choices: MergeChoices | null, signal?: AbortSignal): Promise<ResolveResult | null> {
    signal?.throwIfAborted()
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal!.reason as Error)
        this.#settle(id, null)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.set(id, result => {
        signal?.removeEventListener('abort', onAbort)
        resolve(result)
      })
      const worker = (this.#worker ??= this.#start())
      worker.ref()
      this.#stayAwake()
      worker.postMessage({ id, file, choices } satisfies MergeRequest)
    })
  }

  #start(): Worker {
    // Flags of this process are not for it: some are only for a main thread.
    const worker = new Worker(THREAD, { execArgv: [] })
    worker.on('message', ({ id, result }: MergeAnswer) => this.#settle(id, result))
    // An exit follows each error. Whose merge it was is not known, and each would be a conflict that a person decides.
    worker.on('error', () => {})
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = null
      for (const id of this.#waiting.keys()) this.#settle(id, null)
    })
    return worker
  }

  #settle(id: number, result: ResolveResult | null): void {
    const settle = this.#waiting.get(id)
    this.#waiting.delete(id)
    settle?.(result)
    if (this.#waiting.size > 0) return
    this.#worker?.unref()
    this.#stayAwake()
    this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref()
  }

  #stayAwake(): void {
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#idle = null
  }

  #end(): void {
    void this.#worker?.terminate()
    this.#worker = null
  }
}

export const mergeThread: Merger = new MergeThread()
