/**
 * How much a piece of code does, counted instead of timed: the same number on every machine.
 *
 * V8's block coverage counts how often each block of a source file has run: loops, branches and calls all are blocks.
 * What is not JavaScript (a regular expression, a sort) counts as the one call that it is. Only functions that are
 * compiled after the counting has begun are counted in full, so each count has a process of its own.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const SOURCES = join(import.meta.dirname, '..', '..', 'src')
const LARGEST_OUTPUT_BYTES = 2 ** 26
/** Work that runs away would never end; what a test counts takes seconds. In milliseconds. */
const HANG_MS = 240_000

const COUNTER = `
  import { Session } from 'node:inspector'
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const load = path => import('file://' + process.env.SOURCES + '/' + path)
  const counts = []
  /** Each answer is the number of blocks of the sources that ran since the one before. */
  const count = () => {
    session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      let blocks = 0
      for (const { url, functions } of result)
        if (url.startsWith('file://' + process.env.SOURCES))
          for (const { ranges } of functions) for (const { count } of ranges) blocks += count
      counts.push(blocks)
    })
  }
`

/**
 * Runs a script, a module's text, in which `await load('engine/core/glob.ts')` gives a module of the sources, and each
 * `count()` notes how many blocks of the sources have run since the one before. Resolves with these numbers.
 */
export async function countWork(script: string): Promise<number[]> {
  const text = `${COUNTER}\n${script}\nconsole.log(JSON.stringify(counts))`
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-']
  const env = { ...process.env, SOURCES }
  const limits = { maxBuffer: LARGEST_OUTPUT_BYTES, timeout: HANG_MS, killSignal: 'SIGKILL' } as const
  try {
    const running = promisify(execFile)(process.execPath, args, { env, ...limits })
    running.child.stdin?.end(text)
    const { stdout } = await running
    return JSON.parse(stdout) as number[]
  } catch (cause) {
    const { killed, stderr } = cause as { killed?: boolean; stderr?: string }
    const reason = killed === true ? `it has not ended within ${HANG_MS / 1_000} s` : (stderr ?? '')
    throw new Error(`the work could not be counted: ${reason}`, { cause })
  }
}
