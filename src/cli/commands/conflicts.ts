/** `lockstep conflicts`: the files that were changed on both sides (R6). */
import type { Command } from 'commander'
import type { ConflictReport, ConflictSideReport } from '../../engine/report.ts'
import { sizeOf, wholeFileReason } from '../../host/whole-file.ts'
import { addCommand, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { bytes, columns, count, counted, printable, quoted, timeOf } from '../text.ts'

export function addConflictsCommand(program: Command, run: Run): void {
  addCommand(program, 'conflicts', 'list files that were changed on both sides')
    .argument('<folder>', FOLDER_ARGUMENT)
    .addHelpText(
      'after',
      examples(
        ['lockstep conflicts .', 'each file in conflict'],
        ['lockstep conflicts . --json', 'with the contents of base, local and remote'],
      ),
    )
    .action((folder: string, _options: unknown, command: Command) =>
      run(command, context => conflicts(context, folder)),
    )
}

async function conflicts(context: Context, folder: string): Promise<ExitCode> {
  const reports = await withFolder(context, 'conflicts', folder, opened => opened.conflicts())
  context.out.result(reports, () => conflictLines(reports, context, folder))
  return reports.length > 0 ? EXIT.person : EXIT.ok
}

function conflictLines(reports: readonly ConflictReport[], context: Context, folder: string): string[] {
  if (reports.length === 0) return ['No conflicts.']
  const { out, now } = context
  const lines = [
    `${counted(reports.length, 'file')} changed on both sides. Each is paused; everything else goes on.`,
  ]
  for (const report of reports) {
    const channel = report.channel === 'private' ? ' (private)' : ''
    lines.push('', out.style('bold', printable(report.path)) + channel)
    const rows = [
      ['here', sideText(report.local, now())],
      ['database', `${sideText(report.remote, now())}, kept as ${printable(report.path)}.conflict`],
      ['before', report.base === null ? 'no common version' : sideText(report.base, now())],
    ]
    lines.push(...columns(rows, '  '), ...doubtLines(report))
  }
  lines.push(
    '',
    `lockstep resolve ${quoted(folder)} <path> --take local|remote|both|merged|file=F ends one.`,
    'It also ends by itself as soon as both sides hold the same, or an edit here makes them merge.',
  )
  return lines
}

/** More than this many are counted. */
const LISTED_DOUBTS = 5

/** What a person has to decide: some of it, or why all of it. */
function doubtLines(report: ConflictReport): string[] {
  const { doubts, merged } = report
  if (merged === null)
    return [`  The file as a whole is in doubt: ${printable(wholeFileReason(report) ?? '')}.`]
  if (doubts.length === 0) return []
  const rows = doubts
    .slice(0, LISTED_DOUBTS)
    .map(({ id, local, remote }) => [
      printable(id),
      `here ${valueText(local)}`,
      `database ${valueText(remote)}`,
    ])
  const lines = ['  In doubt, everything else merges:', ...columns(rows, '    ')]
  if (doubts.length > LISTED_DOUBTS) lines.push(`    … and ${count(doubts.length - LISTED_DOUBTS)} more`)
  return lines
}

/** Characters of a value that are shown. */
const SHOWN_VALUE = 40

function valueText(value: string | null): string {
  if (value === null) return 'deleted'
  const line = printable(value.trim().replace(/\s+/g, ' '))
  return line.length > SHOWN_VALUE ? `${line.slice(0, SHOWN_VALUE)}…` : line
}

function sideText(side: ConflictSideReport | null, now: number): string {
  if (side === null) return 'deleted'
  return `${bytes(sizeOf(side))}, ${timeOf(side.lastUpdated, now)}`
}
