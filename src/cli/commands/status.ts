/** `lockstep status`: how a folder stands, and what a person can do about it. */
import type { Command } from 'commander'
import type { Side } from '../../engine/core/entry.ts'
import type { HoldReport, StatusReport } from '../../engine/report.ts'
import { addCommand, addTrustOptions, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { exitOfStatus, type ExitCode } from '../exit-code.ts'
import { problemLines } from '../problem-lines.ts'
import { describeState } from '../session-view.ts'
import { columns, count, counted, duration, printable, quoted, timeOf } from '../text.ts'
import { reasonInWords } from '../words.ts'

export function addStatusCommand(program: Command, run: Run): void {
  addTrustOptions(addCommand(program, 'status', 'show how a folder stands'))
    .argument('<folder>', FOLDER_ARGUMENT)
    .addHelpText(
      'after',
      examples(
        ['lockstep status .', 'state, conflicts, held deletes, problems'],
        ['lockstep status . --json', 'the same for a program'],
        [
          'lockstep status . || notify-send "look at lockstep"',
          'the exit code says whether a person is needed',
        ],
      ),
    )
    .action((folder: string, _options: unknown, command: Command) =>
      run(command, context => status(context, folder)),
    )
}

async function status(context: Context, folder: string): Promise<ExitCode> {
  const report = await withFolder(context, 'status', folder, opened => opened.status(context.signal))
  context.out.result(report, () => statusLines(report, context, folder))
  return exitOfStatus(report)
}

function statusLines(report: StatusReport, context: Context, folder: string): string[] {
  const { out, now } = context
  const name = quoted(folder)
  const rows = [
    ['folder', printable(report.folder)],
    ['database', `${report.backend}, ${printable(report.database)}`],
    ['app', report.appId],
    ['state', out.style('bold', describeState(report))],
    ['in step', report.lastSyncedAt === null ? 'not yet' : `last ${timeOf(report.lastSyncedAt, now())}`],
    ['engine', engineText(report, now(), name)],
    ...(report.state === 'paused'
      ? []
      : [['waiting', report.pending === 0 ? 'nothing' : counted(report.pending, 'file')]]),
  ]
  if (report.conflicts > 0)
    rows.push(['conflicts', `${count(report.conflicts)}: lockstep conflicts ${name} shows both versions`])
  return [
    ...columns(rows),
    ...holdLines(
      report.holds.filter(({ kind }) => kind !== 'content'),
      name,
      now(),
    ),
    ...waitingLines(contentsBesideSecrets(report), name),
    ...problemLines(report.problemList, now()),
  ]
}

function engineText({ engine }: StatusReport, now: number, name: string): string {
  if (engine === null) return `none runs; lockstep watch ${name} starts one`
  return `process ${engine.pid} (${printable(engine.command)}), for ${duration(now - engine.startedAt)}`
}

const HELD: Readonly<Record<HoldReport['kind'], Readonly<Record<Side, string>>>> = {
  delete: { local: 'gone from the database, still here', remote: 'gone here, still in the database' },
  change: {
    local: 'changed in the database, as before here',
    remote: 'changed here, as before in the database',
  },
  gone: { local: 'gone already, deleted here', remote: 'gone already, deleted in the database' },
  content: { local: 'in the database, not here', remote: 'here, not in the database' },
}

/** Of a file with a secret in it the problem says all: what was found, and the ways out. */
function contentsBesideSecrets({ holds, problemList }: StatusReport): HoldReport[] {
  const told = new Set(problemList.filter(({ code }) => code === 'secret').map(({ path }) => path))
  return holds.filter(({ kind, path }) => kind === 'content' && !told.has(path))
}

/** More than this many are counted. */
const LISTED_HOLDS = 10

function holdLines(holds: readonly HoldReport[], name: string, now: number): string[] {
  if (holds.length === 0) return []
  const reasons = [...new Set(holds.map(hold => reasonInWords(hold.reason)))]
  const ofKind = (kind: HoldReport['kind']): number => holds.filter(hold => hold.kind === kind).length
  const what = [counted(ofKind('delete'), 'delete'), counted(ofKind('change'), 'change')]
  const some = what.filter(text => !text.startsWith('0 ')).join(' and ')
  const gone = ofKind('gone')
  const since = timeOf(Math.min(...holds.map(hold => hold.since)), now)
  const lines = [
    gone === 0
      ? `Held since ${since}, nothing is deleted or overwritten: ${some} (${reasons.join('; ')}).`
      : `Held since ${since}, nothing more is deleted: ${some} (${reasons.join('; ')}). ${counted(gone, 'file')} had gone before.`,
  ]
  const rows = holds.slice(0, LISTED_HOLDS).map(hold => [printable(hold.path), heldAs(hold)])
  lines.push(...columns(rows, '  '))
  if (holds.length > LISTED_HOLDS)
    lines.push(`  … and ${count(holds.length - LISTED_HOLDS)} more (--json lists every one)`)
  if (holds.some(hold => !isPrivate(hold)))
    lines.push(`  lockstep restore-held ${name}   puts everything back as it was before`)
  else lines.push('  To keep them private, set FILE_SYNC_USER_ID or the patterns back as they were.')
  lines.push(`  lockstep approve ${name}        ${approvalOf(holds)}`)
  return lines
}

/** All else is in step without them. */
function waitingLines(waiting: readonly HoldReport[], name: string): string[] {
  if (waiting.length === 0) return []
  const reasons = [...new Set(waiting.map(({ reason }) => reasonInWords(reason)))].join('; ')
  const one = waiting.length === 1
  const lines = [`${counted(waiting.length, 'file')} ${one ? 'waits' : 'wait'} for your yes (${reasons}):`]
  const rows = waiting.slice(0, LISTED_HOLDS).map(hold => [printable(hold.path), heldAs(hold)])
  lines.push(...columns(rows, '  '))
  if (waiting.length > LISTED_HOLDS)
    lines.push(`  … and ${count(waiting.length - LISTED_HOLDS)} more (--json lists every one)`)
  lines.push(
    `  lockstep trust ${name}            shows what would come, before you decide`,
    `  lockstep approve ${name} <path>   lets this content come; the next one is asked about again`,
  )
  return lines
}

function approvalOf(holds: readonly HoldReport[]): string {
  if (holds.every(isPrivate))
    return 'lets them go to the channel as configured now, once for all; the history keeps what goes here'
  return 'lets it happen on the other side too; the history keeps what goes here'
}

function heldAs(hold: HoldReport): string {
  return isPrivate(hold) ? 'stays as it is, sent to nobody' : HELD[hold.kind][hold.side]
}

function isPrivate({ reason }: HoldReport): boolean {
  return reason === 'private-elsewhere'
}
