/**
 * One run of the command line, from arguments to exit code. Everything outside is passed in, so that
 * tests run it in their own process.
 */
import { CommanderError, type Command } from 'commander'
import type { CommonOptions, Context, Run, RunOptions, Surroundings, Work } from './context.ts'
import { requireStateHome } from '../host/state-home.ts'
import { describeFailure, type Failure } from './failure.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { listenForInterrupt } from './interrupt.ts'
import { createCliLog } from './log.ts'
import { jsonLine, Output } from './output.ts'
import { createProgram } from './program.ts'
import { printable } from './text.ts'

export async function runCommandLine(args: readonly string[], around: Surroundings): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok
  const run: Run = async (command, work, options) => {
    exitCode = await perform(command, work, options ?? {}, around)
  }
  const program = createProgram(run, around)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return endOfParsing(error, args, around)
  }
}

/** Help and version end parsing too, and well. What is wrong has been printed by commander already. */
function endOfParsing(error: CommanderError, args: readonly string[], around: Surroundings): ExitCode {
  if (error.exitCode === 0) return EXIT.ok
  if (args.includes('--json')) {
    const isBare = error.code === 'commander.help'
    const message = isBare
      ? 'There is no command; lockstep --help lists them.'
      : error.message.replace(/^error: /, '')
    around.stdout.write(`${jsonLine({ error: { code: 'usage', message } })}\n`)
  }
  return EXIT.usage
}

async function perform(
  command: Command,
  work: Work,
  options: RunOptions,
  around: Surroundings,
): Promise<ExitCode> {
  const common = command.optsWithGlobals<CommonOptions>()
  const out = new Output({
    stdout: around.stdout,
    stderr: around.stderr,
    env: around.env,
    json: common.json === true,
    quiet: common.quiet === true,
    verbose: common.verbose === true,
  })
  const interrupt = listenForInterrupt(around.signals, () => out.clearStatus())
  const onBrokenPipe = (): void => {
    out.mute()
    // What runs until it is stopped has lost its reader for good; anything else comes to its own end.
    if (options.onInterrupt === 'finish') interrupt.abort()
  }
  around.stdout.on('error', error => expectBrokenPipe(error, onBrokenPipe))
  around.stderr.on('error', error => expectBrokenPipe(error, onBrokenPipe))
  let patience: NodeJS.Timeout | undefined
  try {
    requireStateHome(around.env)
    const context: Context = {
      env: around.env,
      cwd: around.cwd,
      out,
      log: createCliLog(out),
      signal: interrupt.signal,
      now: around.now,
      trustsAdapter: common.trustAdapter === true,
      trustedHost: common.trustHost ?? null,
      trustsDatabase: common.trustDatabase === true,
    }
    if (options.onInterrupt !== 'finish')
      patience = setTimeout(() => out.note(STILL_AT_WORK), PATIENCE_MS).unref()
    const code = await Promise.race([work(context), deadEnd(around)])
    return ended(code, interrupt.exitCode(), options)
  } catch (error) {
    return reportFailure(error, interrupt.exitCode(), out, around.env)
  } finally {
    clearTimeout(patience)
    out.clearStatus()
    interrupt.dispose()
  }
}

/** After so long, in milliseconds, a command that ends by itself says that it has not died. */
const PATIENCE_MS = 30_000
const STILL_AT_WORK =
  'Still at work. Where nothing moves, the database does not answer; Ctrl-C, twice if need be, ends this, and nothing is lost.'

/** Rejects where the work waits for what can never come. */
function deadEnd({ onDeadEnd }: Surroundings): Promise<never> {
  return new Promise((_resolve, reject) => {
    onDeadEnd(() =>
      reject(
        new Error(
          'A call of the database was never answered, and nothing is left that could answer it. With a custom adapter, ' +
            'look for a promise that neither resolves nor rejects.',
        ),
      ),
    )
  })
}

function ended(code: ExitCode, interrupted: number | null, options: RunOptions): ExitCode {
  return options.onInterrupt === 'finish' ? code : (interrupted ?? code)
}

function reportFailure(
  error: unknown,
  interrupted: number | null,
  out: Output,
  env: Surroundings['env'],
): ExitCode {
  const failure: Failure = describeFailure(error, env)
  out.clearStatus()
  out.warn(`lockstep: ${printable(failure.error.message)}`)
  if (failure.hint !== null) out.note(printable(failure.hint))
  if (out.verbose && error instanceof Error) for (const frame of framesOf(error)) out.warn(frame)
  if (out.json) out.document({ error: failure.error })
  return interrupted ?? failure.exitCode
}

function framesOf({ stack = '' }: Error): string[] {
  return stack.split('\n').filter(line => /^\s+at /.test(line))
}

/** Nobody reads any more, as in `| head`. */
function expectBrokenPipe(error: NodeJS.ErrnoException, onBrokenPipe: () => void): void {
  if (error.code !== 'EPIPE') throw error
  onBrokenPipe()
}
