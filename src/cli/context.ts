/** What every command works with, and where it comes from. */
import type { Command } from 'commander'
import type { Log } from '../engine/ports/log.ts'
import type { ExitCode } from './exit-code.ts'
import type { SignalSource } from './interrupt.ts'
import type { Output, OutputStream } from './output.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Everything outside of one run of the command line. */
export interface Surroundings {
  readonly env: Environment
  readonly cwd: string
  readonly stdout: OutputStream & ErrorSource
  readonly stderr: OutputStream & ErrorSource
  readonly signals: SignalSource
  readonly now: () => number
  /** Calls once nothing is left that could ever go on: no timer, no connection, no file. */
  readonly onDeadEnd: (listener: () => void) => void
}

interface ErrorSource {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
}

export interface Context {
  readonly env: Environment
  /** Where the command was started, absolute. */
  readonly cwd: string
  readonly out: Output
  readonly log: Log
  /** Aborts when the person, or the system, wants the command to end. */
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** The person agrees to run the project's custom adapter as it is now. */
  readonly trustsAdapter: boolean
  /** The person agrees that secrets of the environment go there; null where they have named no host. */
  readonly trustedHost: string | null
  /** The person agrees that tables are made in the SQLite file of another program. */
  readonly trustsDatabase: boolean
}

/** The options that each command takes. */
export interface CommonOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  /** Only of commands that open the database. */
  readonly trustAdapter?: boolean
  readonly trustHost?: string
  readonly trustDatabase?: boolean
}

export type Work = (context: Context) => Promise<ExitCode>

/** Runs a command's work; `onInterrupt` says how an interrupted one ends. */
export type Run = (command: Command, work: Work, options?: RunOptions) => Promise<void>

export interface RunOptions {
  /** 'finish': being interrupted is how it ends well. */
  readonly onInterrupt?: 'fail' | 'finish'
}
