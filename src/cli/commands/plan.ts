/** `lockstep plan`: what a sync would do, and nothing of it done. */
import type { Command } from 'commander'
import { isFolderHeld } from '../../engine/core/guard.ts'
import type { PatternList } from '../../engine/core/sync-config.ts'
import { type UnusedPattern, unusedPatternText } from '../../engine/core/pattern-use.ts'
import type { PlanReport, RulesChange } from '../../engine/report.ts'
import { addCommand, addTrustOptions, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { readNamedFile } from '../named-file.ts'
import { problemLines } from '../problem-lines.ts'
import { columns, counted, printable, quoted } from '../text.ts'
import { actionInWords, reasonInWords } from '../words.ts'

export function addPlanCommand(program: Command, run: Run): void {
  addTrustOptions(addCommand(program, 'plan', 'show what a sync would do, without doing it'))
    .argument('<folder>', FOLDER_ARGUMENT)
    .option(
      '--config <file>',
      'with another sync-config.json: what would start or stop syncing, become private or shared',
    )
    .addHelpText(
      'after',
      examples(
        ['lockstep plan .', 'each file that would travel, and why'],
        ['lockstep plan . --config new.json', 'what would change with other patterns'],
        ['lockstep plan . --json', 'the same for a program'],
      ),
    )
    .action((folder: string, { config }: { config?: string }, command: Command) =>
      run(command, context =>
        config === undefined ? plan(context, folder) : planWith(context, folder, config),
      ),
    )
}

async function plan(context: Context, folder: string): Promise<ExitCode> {
  const report = await withFolder(context, 'plan', folder, opened => opened.plan(context.signal))
  context.out.result(report, () => planLines(report, context, folder))
  return exitOf(report)
}

async function planWith(context: Context, folder: string, config: string): Promise<ExitCode> {
  const text = readNamedFile(context, config, '--config').toString('utf8')
  requireSyncConfig(text, config)
  const report = await withFolder(context, 'plan', folder, opened => opened.planWith(text, context.signal))
  context.out.result(report, () => [...changeLines(report.changes), ...planLines(report, context, folder)])
  return exitOf(report)
}

/** Another JSON file would pass for one without patterns, with which nothing syncs any more. */
function requireSyncConfig(text: string, name: string): void {
  const fields = fieldsOf(text)
  if (fields === null || fields.some(field => PATTERN_LISTS.includes(field))) return
  throw new UsageError(
    `--config: ${name} is no sync-config.json: it has neither ${PATTERN_LISTS.join(' nor ')}.`,
  )
}

const PATTERN_LISTS: readonly string[] = [
  'syncFilePatterns',
  'privateSyncFilePatterns',
] satisfies PatternList[]

/** Null where it is not even JSON: that is said with the line. */
function fieldsOf(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : null
  } catch {
    return null
  }
}

const CHANGES: Readonly<Record<RulesChange['change'], string>> = {
  'starts-syncing': 'starts syncing',
  'stops-syncing': 'stops syncing',
  'becomes-private': 'becomes private',
  'becomes-shared': 'becomes shared',
  'needs-user': 'stays here: FILE_SYNC_USER_ID is not set',
}

function changeLines(changes: readonly RulesChange[]): string[] {
  if (changes.length === 0) return ['With these rules the same files sync as now.', '']
  const isLeftBehind = ({ change, inShared }: RulesChange): boolean =>
    inShared && change !== 'starts-syncing' && change !== 'becomes-shared'
  const rows = changes.map(each => [
    CHANGES[each.change],
    printable(each.path),
    isLeftBehind(each) ? 'the shared version stays in the database' : '',
  ])
  return [...columns(rows), '', 'Nothing is deleted by this. With these rules a sync would:']
}

function exitOf({ actions, problems }: PlanReport): ExitCode {
  const waits = actions.some(
    ({ action, reason }) => action === 'conflict' || (action === 'hold' && isFolderHeld(reason)),
  )
  return waits || problems.some(({ code }) => code === 'root-missing' || code === 'app-changed')
    ? EXIT.person
    : EXIT.ok
}

function planLines(report: PlanReport, context: Context, folder: string): string[] {
  const rows = report.actions.map(({ action, path, channel, reason }) => [
    actionInWords(action),
    printable(path),
    `${channel === 'private' ? 'private, ' : ''}${reasonInWords(reason)}`,
  ])
  return [
    ...columns(rows),
    ...problemLines(report.problems, context.now()),
    ...unusedLines(report.unusedPatterns),
    lastLine(report, folder),
  ]
}

function unusedLines(unused: readonly UnusedPattern[]): string[] {
  return unused.map(each => printable(unusedPatternText(each)))
}

function lastLine({ actions, problems }: PlanReport, folder: string): string {
  if (actions.length > 0)
    return `${counted(actions.length, 'action')}. lockstep sync ${quoted(folder)} carries them out.`
  const isStopped = problems.some(({ path }) => path === undefined)
  return isStopped ? 'A sync would do nothing, for what is said above.' : 'Nothing to do.'
}
