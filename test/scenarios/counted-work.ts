/**
 * What an engine's process does, counted instead of timed: how many blocks of its code run (V8's block coverage, as in
 * `test/support/work.ts`), how often its loop turns, and how much it reads. The same on every machine.
 */
import { existsSync, readFileSync } from 'node:fs'
import type { Engine, Environment } from '../support/lockstep.ts'
import { until } from '../support/until.ts'

export interface Work {
  /** Blocks of the engine's code. */
  readonly blocks: number
  /** Turns of the session's loop: one for whatever wakes it, and one every 500 ms by its own clock. */
  readonly turns: number
  /** What the process has read from files, in bytes. */
  readonly bytes: number
}

/** Runs in the engine's process before the engine does. Each SIGUSR2 is answered with what was done since the one before. */
const COUNTER = `
  import { Session } from 'node:inspector'
  import { appendFileSync } from 'node:fs'
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  process.on('SIGUSR2', () => {
    session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      let blocks = 0
      let turns = 0
      for (const { url, functions } of result) {
        if (!url.startsWith('file:') || url.includes('/node_modules/')) continue
        for (const { functionName, ranges } of functions) {
          for (const { count } of ranges) blocks += count
          if (functionName === '#nextCycle') turns += ranges[0].count
        }
      }
      appendFileSync(process.env.WORK_COUNTS, JSON.stringify({ blocks, turns }) + '\\n')
    })
  })
`

/** For an engine whose work is to be counted; `file` takes the counts. */
export function countedEnvironment(file: string): Environment {
  const program = `data:text/javascript,${encodeURIComponent(COUNTER)}`
  return { NODE_OPTIONS: `--import=${program}`, WORK_COUNTS: file }
}

export class WorkCounter {
  readonly #engine: Engine
  readonly #file: string
  #bytes: number

  constructor(engine: Engine, file: string) {
    this.#engine = engine
    this.#file = file
    this.#bytes = this.#bytesRead()
  }

  /** What the engine has done since the last call. */
  async take(): Promise<Work> {
    const before = this.#answers().length
    process.kill(this.#engine.pid, 'SIGUSR2')
    await until(() => this.#answers().length > before, 'the count')
    const bytes = this.#bytesRead()
    const counted = {
      ...(JSON.parse(this.#answers().at(-1)!) as Omit<Work, 'bytes'>),
      bytes: bytes - this.#bytes,
    }
    this.#bytes = bytes
    return counted
  }

  /** What it does from now on until its loop has turned so many times, by its own clock. */
  async takeTurns(turns: number): Promise<Work> {
    await this.take()
    let sum: Work = { blocks: 0, turns: 0, bytes: 0 }
    const add = async (): Promise<boolean> => {
      const more = await this.take()
      sum = {
        blocks: sum.blocks + more.blocks,
        turns: sum.turns + more.turns,
        bytes: sum.bytes + more.bytes,
      }
      return sum.turns >= turns
    }
    await until(add, `${turns} turns of the engine's loop`, () => this.#engine.describe())
    return sum
  }

  #answers(): string[] {
    return existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n').slice(0, -1) : []
  }

  #bytesRead(): number {
    return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${this.#engine.pid}/io`, 'utf8'))?.[1])
  }
}
