/**
 * Keeps an engine at work on a folder for as long as it is wanted, whatever fails: the one way of `watch`, the app,
 * the daemon and the library (R13.2).
 *
 * A commit that failed may have left what a session knows ahead of what is stored. So the session ends, and another
 * one starts anew from the store, with backoff; what is left to do it derives from both sides. Meanwhile the failure
 * stands as a problem. A state that is removed under the engine is put back from the open file: it has the history,
 * which is nowhere else (R1).
 */
import { join } from 'node:path'
import { backoffMs } from '../engine/core/backoff.ts'
import type { Problem } from '../engine/core/problem.ts'
import type { EngineHolder } from '../engine/report.ts'
import type { SessionEvent } from '../engine/status.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { errorMessage } from '../platform/os-error.ts'
import { rescueState } from '../platform/state/rescue.ts'
import { StateStoreError } from '../platform/state/state-store-error.ts'
import { openStateStore, type OpenedStateStore } from '../platform/state/store.ts'
import type { EngineSeat } from './engine-seat.ts'
import { ConfigurationError, FolderHeldError } from './errors.ts'
import { realFolder } from './locate-project.ts'
import { Speaker } from './speaker.ts'
import { stateFailure } from './state-failure.ts'
import { watchFolder, type WatchRequest } from './watch-folder.ts'
import { errorStack } from './error-stack.ts'

/** A folder that is gone, or is kept by another engine, is looked for this often, in milliseconds. */
const LOOK_AGAIN_MS = 2_000
/** An engine that ran for so long without a failure begins anew with short waits. Milliseconds. */
const STEADY_MS = 60_000

export interface EngineRequest extends Omit<WatchRequest, 'state' | 'speaker' | 'isInPlace'> {
  readonly onEvent: (event: SessionEvent) => void
  /** The caller's, who lets go of it in the end. */
  readonly seat: EngineSeat
  /** Whether it rejects where another engine keeps the folder from the first, or the state is a newer version's. */
  readonly refuses: boolean
  /** The state was opened, and nothing works on it yet. */
  readonly onOpen?: (state: OpenedStateStore) => Promise<void>
  /** It is about to be closed. */
  readonly onClose?: () => void
  /** Another engine keeps the folder; null once it does not. */
  readonly onHeld?: (holder: EngineHolder | null) => void
}

/** Until the signal. Rejects only as `refuses` says. */
export async function keepEngine(asked: EngineRequest): Promise<void> {
  const request = withPatience(asked)
  const { signal, seat } = request
  const speaker = new Speaker({
    onEvent: request.onEvent,
    onFolderProblems: problems => seat.tell(problems),
  })
  let failures = 0
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const begun = performance.now()
    try {
      await runOnce(request, speaker)
    } catch (error) {
      if (signal.aborted) return logFailure(request, error)
      if (isFirst && request.refuses && isRefused(error)) throw error
      if (performance.now() - begun > STEADY_MS) failures = 0
      failures += 1
      await standAndWait(request, speaker, whatNow(request, error, failures))
    }
  }
}

/** Whoever listens and fails ends no engine. */
function withPatience(request: EngineRequest): EngineRequest {
  const patient =
    <Told>(listener: ((told: Told) => void) | undefined) =>
    (told: Told): void => {
      try {
        listener?.(told)
      } catch (error) {
        logFailure(request, error, 'a listener of an engine has failed')
      }
    }
  return {
    ...request,
    onEvent: patient(request.onEvent),
    onSession: patient(request.onSession),
    onHeld: patient(request.onHeld),
  }
}

/** `waitMs`: until the next try, in milliseconds. */
interface WhatNow {
  readonly problem: Problem
  readonly waitMs: number
}

async function standAndWait({ signal }: EngineRequest, speaker: Speaker, now: WhatNow): Promise<void> {
  speaker.stand(now.problem)
  await nodeClock.sleep(now.waitMs, signal)
}

async function runOnce(request: EngineRequest, speaker: Speaker): Promise<void> {
  const { seat, log } = request
  const folder = realFolder(request.first.folder)
  const stateFolder = await seat.take(folder)
  request.onHeld?.(null)
  const path = join(stateFolder, 'state.db')
  const state = openStateStore(path)
  try {
    if (state.notice !== null) {
      log.error(state.notice.message, { error: state.notice.code })
      speaker.notice({ code: 'state-damaged', message: state.notice.message })
    }
    await request.onOpen?.(state)
    const isInPlace = (): boolean => seat.isInPlace() && state.isInPlace()
    await watchFolder({ ...request, state, speaker, isInPlace })
  } finally {
    request.onClose?.()
    await putBackIfGone(request, speaker, state, path)
    state.close()
  }
}

/** Until that has succeeded, or the engine is to end: the open file is all there is of that state. */
async function putBackIfGone(
  request: EngineRequest,
  speaker: Speaker,
  state: OpenedStateStore,
  path: string,
): Promise<void> {
  const { log, signal } = request
  for (let failures = 1; ; failures++) {
    try {
      if (state.isInPlace()) return
      const problem = movedProblem(request.home, path, rescueState(state, path, Date.now()))
      log.error(problem.message, { error: problem.code })
      speaker.notice(problem)
      return
    } catch (error) {
      if (signal.aborted) return logFailure(request, error)
      await standAndWait(request, speaker, whatNow(request, error, failures))
    }
  }
}

function movedProblem(home: string, path: string, rescued: string): Problem {
  const gone = `The state of this folder was removed from ${home} while the engine ran`
  const advice = 'Before LOCKSTEP_HOME is moved or removed, stop the engines that work with it.'
  const message =
    rescued === path
      ? `${gone}. It has been put back as it was: nothing is lost. ${advice}`
      : `${gone}, and another one has come there, with which the engine goes on. ` +
        `The former one, with its history, is kept as ${rescued}. ${advice}`
  return { code: 'state-moved', message }
}

/** What only a person can change who starts an engine: it is told at once. */
function isRefused(error: unknown): boolean {
  return error instanceof FolderHeldError || (error instanceof StateStoreError && error.code === 'newer')
}

function whatNow(request: EngineRequest, error: unknown, failures: number): WhatNow {
  if (error instanceof FolderHeldError) {
    const { holder } = error
    request.onHeld?.(holder)
    const message = `Process ${holder.pid} (${holder.command}) keeps this folder in step. Stop that one to sync here.`
    return { problem: { code: 'held-elsewhere', message }, waitMs: LOOK_AGAIN_MS }
  }
  request.onHeld?.(null)
  if (error instanceof ConfigurationError)
    return { problem: { code: 'folder-missing', message: error.message }, waitMs: LOOK_AGAIN_MS }
  logFailure(request, error)
  const waitMs = backoffMs(failures, Math.random())
  const ofState = stateFailure(error, request.env)
  const problem: Problem =
    ofState === null
      ? { code: 'engine-failed', message: `Sync has failed: ${errorMessage(error)}` }
      : { code: 'state-failed', message: ofState }
  return { problem: { ...problem, retryAt: Date.now() + waitMs }, waitMs }
}

function logFailure(
  { log, folder }: EngineRequest,
  error: unknown,
  what = 'the engine of a folder has failed and is started again',
): void {
  log.error(what, { folder, error: errorMessage(error) })
  log.debug('where it has failed', { folder, error: errorStack(error) })
}
