/** `lockstep sync`: until everything is in step once. */
import type { Command } from 'commander'
import { isFailure, isToldOnce } from '../../engine/core/problem.ts'
import type { Status, SyncSummary } from '../../engine/status.ts'
import type { SyncOutcome } from '../../host/folder.ts'
import { addCommand, addTrustOptions, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, exitAfterSync, type ExitCode } from '../exit-code.ts'
import { SessionView } from '../session-view.ts'
import { counted, quoted } from '../text.ts'

export function addSyncCommand(program: Command, run: Run): void {
  addTrustOptions(addCommand(program, 'sync', 'bring a folder in step once, then end'))
    .argument('<folder>', FOLDER_ARGUMENT)
    .addHelpText(
      'after',
      examples(
        ['lockstep sync .', 'this project, once'],
        ['lockstep sync . --json | tail -n 1', 'what was done, as one JSON document'],
        ['lockstep plan .', 'what it would do, without doing it'],
      ),
    )
    .action((folder: string, _options: unknown, command: Command) =>
      run(command, context => sync(context, folder)),
    )
}

async function sync(context: Context, folder: string): Promise<ExitCode> {
  return withFolder(context, 'sync', folder, async opened => {
    const off = opened.switchedOff
    if (off !== null) return switchedOff(context, off.message)
    const view = new SessionView(context, folder, { tellsStates: false })
    const outcome = await opened.sync(context.signal, view.show)
    view.end()
    const { status, problemList, ...summary } = outcome
    const listed = problemList.filter(problem => !isToldOnce(problem)).length
    context.out.result(summary, () => [
      summaryLine(summary, isInStep(outcome)),
      ...advice(summary, listed, status, folder),
    ])
    return exitAfterSync(outcome)
  })
}

const NOTHING: SyncSummary = {
  pushed: 0,
  pulled: 0,
  merged: 0,
  deletedLocal: 0,
  deletedRemote: 0,
  conflicts: 0,
  skipped: 0,
  problems: 0,
}

/** That is as the person wants it, so it is no error. */
function switchedOff({ out }: Context, why: string): ExitCode {
  out.result(NOTHING, () => [why])
  if (out.json) out.note(why)
  return EXIT.ok
}

/** What is refused for what it is does not keep the rest from being in step. */
function isInStep({ status, problemList }: SyncOutcome): boolean {
  const isDone = status.state === 'idle' && status.pending === 0 && status.conflicts === 0
  return isDone && !problemList.some(isFailure)
}

function summaryLine(summary: SyncSummary, inStep: boolean): string {
  const parts: string[] = []
  const add = (n: number, words: string, one = 'file'): void => {
    if (n > 0) parts.push(`${counted(n, one)} ${words}`)
  }
  add(summary.pushed, 'sent')
  add(summary.pulled, 'received')
  add(summary.merged, 'merged')
  add(summary.deletedLocal, 'deleted here')
  add(summary.deletedRemote, 'deleted in the database')
  const waiting = summary.waiting ?? 0
  add(summary.skipped - waiting, 'skipped')
  add(waiting, waiting === 1 ? 'waits for your yes' : 'wait for your yes')
  add(summary.resolved ?? 0, 'ended', 'conflict')
  if (parts.length > 0) return `${inStep ? 'In step' : 'Not in step'}: ${parts.join(', ')}.`
  return inStep ? 'In step: nothing had to be done.' : 'Not in step: nothing was done.'
}

/** `listed`: problems that are still there to be looked at. */
function advice(summary: SyncSummary, listed: number, status: Status, folder: string): string[] {
  const lines: string[] = []
  const name = quoted(folder)
  if (status.conflicts > 0)
    lines.push(`${counted(status.conflicts, 'conflict')}: lockstep conflicts ${name} shows both versions.`)
  if (summary.waiting !== undefined)
    lines.push(`Programs run such files by themselves: lockstep trust ${name} shows what would come.`)
  if (status.state === 'held')
    lines.push(`Something is held: lockstep status ${name} shows what, and what you can do.`)
  if (listed > 0) lines.push(`${counted(listed, 'problem')}: lockstep status ${name} lists them.`)
  if (status.state === 'offline')
    lines.push(`The database cannot be reached: lockstep doctor ${name} looks closer.`)
  return lines
}
