/**
 * How a command is asked to end. The first SIGINT or SIGTERM asks: what is under way is finished and
 * flushed. A second SIGINT does not wait; that is safe, for the engine survives being killed (R1).
 */
import { constants } from 'node:os'
import { EXIT_INTERRUPTED } from './exit-code.ts'

/** As much of `process` as is needed here. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
  exit(code: number): void
}

export interface Interrupt {
  readonly signal: AbortSignal
  /** The exit code of a command that did not come to its end; null if nobody interrupted it. */
  exitCode(): number | null
  /** Ends the command as if a person had asked. */
  abort(): void
  dispose(): void
}

export function listenForInterrupt(source: SignalSource, beforeExit: () => void): Interrupt {
  const controller = new AbortController()
  let received: 'SIGINT' | 'SIGTERM' | null = null
  const on = (name: 'SIGINT' | 'SIGTERM') => (): void => {
    if (received !== null && name === 'SIGINT') {
      beforeExit()
      source.exit(EXIT_INTERRUPTED)
    }
    received ??= name
    controller.abort()
  }
  const onInterrupt = on('SIGINT')
  const onTerminate = on('SIGTERM')
  source.on('SIGINT', onInterrupt)
  source.on('SIGTERM', onTerminate)
  return {
    signal: controller.signal,
    exitCode: () => (received === null ? null : 128 + constants.signals[received]),
    abort: () => controller.abort(),
    dispose: () => {
      source.off('SIGINT', onInterrupt)
      source.off('SIGTERM', onTerminate)
    },
  }
}
