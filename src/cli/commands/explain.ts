/** `lockstep explain`: why a file does or does not sync (R12). */
import type { Command } from 'commander'
import type { Explanation } from '../../engine/report.ts'
import { addCommand, addTrustOptions, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { toProjectPath } from '../project-path.ts'
import { sentenceInWords } from '../words.ts'
import { columns, counted, nextTry, printable, quoted, timeOf } from '../text.ts'

export function addExplainCommand(program: Command, run: Run): void {
  addTrustOptions(addCommand(program, 'explain', 'say why a file does or does not sync'))
    .argument('<folder>', FOLDER_ARGUMENT)
    .argument('<path>', 'the file, relative to the project; it need not exist')
    .addHelpText(
      'after',
      examples(
        ['lockstep explain . data/notes/today.md', 'its state, and the rule and pattern that decide'],
        ['lockstep explain . data/.env --json', 'the same for a program'],
      ),
    )
    .action((folder: string, path: string, _options: unknown, command: Command) =>
      run(command, context => explain(context, folder, path)),
    )
}

async function explain(context: Context, folder: string, path: string): Promise<ExitCode> {
  const explanation = await withFolder(context, 'explain', folder, opened =>
    opened.explain(toProjectPath(opened.project.folder, path, context.cwd), context.signal),
  )
  context.out.result(explanation, () => explanationLines(explanation, context, folder))
  return explanation.state === 'conflict' || explanation.state === 'held' ? EXIT.person : EXIT.ok
}

function explanationLines(explanation: Explanation, context: Context, folder: string): string[] {
  const { out, now } = context
  const rows = [['state', explanation.state]]
  if (explanation.channel !== null) rows.push(['channel', explanation.channel])
  if (explanation.rule !== null) rows.push(['decided by', ruleText(explanation.rule)])
  if (explanation.lastSyncedVersion !== null) {
    rows.push([
      'last in step',
      `version ${explanation.lastSyncedVersion} (${timeOf(explanation.lastSyncedVersion, now())})`,
    ])
  }
  if (explanation.waiting !== null) rows.push(['next sync', sentenceInWords(explanation.waiting)])
  if (explanation.lastError !== null) rows.push(['last error', errorText(explanation.lastError, now())])
  const title = out.style('bold', printable(explanation.path))
  return [
    title,
    sentenceInWords(explanation.reason),
    ...columns(rows, '  '),
    ...nextStep(explanation, quoted(folder)),
  ]
}

function ruleText(rule: NonNullable<Explanation['rule']>): string {
  if (rule.kind === 'denylist')
    return `the built-in denylist, ${rule.pattern} (${rule.category}): ${rule.reason}`
  return `${printable(rule.pattern)}, pattern ${rule.index + 1} in ${rule.list}, line ${rule.line} of ${printable(rule.file)}`
}

function errorText(error: NonNullable<Explanation['lastError']>, now: number): string {
  return `${printable(error.message)} Tried ${counted(error.attempts, 'time')}, next try ${nextTry(error.nextAt, now)}.`
}

function nextStep({ state }: Explanation, name: string): string[] {
  if (state === 'conflict') return [`lockstep conflicts ${name} shows both versions.`]
  if (state === 'held') return [`lockstep status ${name} shows what is held, and what to do.`]
  return []
}
