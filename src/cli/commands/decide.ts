/** `lockstep approve` and `lockstep restore-held`: a person's word on what is held (R8). */
import { type Command, InvalidArgumentError } from 'commander'
import type { ProblemCode } from '../../engine/core/problem.ts'
import type { DecisionOutcome } from '../../engine/report.ts'
import { addCommand, addTrustOptions, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { problemLines } from '../problem-lines.ts'
import { toProjectPath } from '../project-path.ts'
import { SessionView } from '../session-view.ts'
import { counted } from '../text.ts'

type Decision = 'approve' | 'restore'

interface ApproveFlags {
  readonly content?: string
}

const ONLY_ARGUMENT = 'only these of what is held: files, folders or globs, relative to the project'

export function addDecisionCommands(program: Command, run: Run): void {
  addTrustOptions(
    addCommand(program, 'approve', 'carry out exactly the deletes and changes that are held now'),
  )
    .argument('<folder>', FOLDER_ARGUMENT)
    .argument('[path or glob...]', ONLY_ARGUMENT)
    .option('--content <sha256>', 'only if this content waits, as "lockstep trust" has shown it', readDigest)
    .addHelpText(
      'after',
      examples(
        ['lockstep status .', 'what is held, first'],
        ['lockstep approve .', 'let exactly that happen on the other side too, once'],
        ["lockstep approve . 'data/cache/**'", 'of that, only these'],
        ['lockstep approve . data/notes/api.md', 'send it, and what looks like a secret in it'],
        ['lockstep approve . .mcp.json', 'a file that waits for its content: by its name alone'],
      ),
    )
    .action((folder: string, names: string[], { content }: ApproveFlags, command: Command) =>
      run(command, context => decide(context, folder, 'approve', names, content)),
    )
  addTrustOptions(
    addCommand(
      program,
      'restore-held',
      'put back what was there before the deletes and changes that are held',
    ),
  )
    .argument('<folder>', FOLDER_ARGUMENT)
    .argument('[path or glob...]', ONLY_ARGUMENT)
    .addHelpText(
      'after',
      examples(
        ['lockstep status .', 'what is held, first'],
        ['lockstep restore-held .', 'put it back as it was'],
        ['lockstep restore-held . data/notes', 'of that, only what lies in this folder'],
      ),
    )
    .action((folder: string, names: string[], _options: unknown, command: Command) =>
      run(command, context => decide(context, folder, 'restore', names)),
    )
}

function readDigest(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase()
  throw new InvalidArgumentError(
    'It must be the SHA-256 that lockstep trust shows, in 64 hexadecimal digits.',
  )
}

async function decide(
  context: Context,
  folder: string,
  decision: Decision,
  named: readonly string[],
  digest?: string,
): Promise<ExitCode> {
  const name = decision === 'approve' ? 'approve' : 'restore-held'
  return withFolder(context, name, folder, async opened => {
    const view = new SessionView(context, folder, { tellsStates: false })
    const names = named.map(name => toProjectPath(opened.project.folder, name, context.cwd))
    const content = digest === undefined ? {} : { digest }
    const request = { decision, names: names.length === 0 ? null : names, ...content }
    const outcome = await opened.decide(request, context.signal, view.show)
    view.end()
    context.out.result(outcome, () => outcomeLines(outcome, decision, context.now()))
    return exitOf(outcome)
  })
}

const FOR_A_PERSON: ReadonlySet<ProblemCode> = new Set([
  'root-missing',
  'private-elsewhere',
  'content-waits',
  'app-changed',
])

function exitOf({ problems }: DecisionOutcome): ExitCode {
  if (problems.some(({ code }) => FOR_A_PERSON.has(code))) return EXIT.person
  return problems.length > 0 ? EXIT.error : EXIT.ok
}

function outcomeLines(outcome: DecisionOutcome, decision: Decision, now: number): string[] {
  const lines: string[] = []
  if (outcome.app !== undefined) return [`The folder goes on as the app ${outcome.app}.`]
  const done = outcome.done.length
  if (done > 0)
    lines.push(`${counted(done, 'file')} ${decision === 'approve' ? 'carried out as approved' : 'put back'}.`)
  if (outcome.waiting > 0)
    lines.push(`${counted(outcome.waiting, 'file')} will be carried out as soon as an engine gets to it.`)
  if (done === 0 && outcome.waiting === 0 && outcome.problems.length === 0) lines.push('Nothing is held.')
  return [...lines, ...problemLines(outcome.problems, now)]
}
