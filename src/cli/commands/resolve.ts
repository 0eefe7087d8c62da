/** `lockstep resolve`: ends a conflict as a person decides (R6). */
import { InvalidArgumentError, type Command } from 'commander'
import type { ConflictDetail, ResolveAllOutcome, ResolveOutcome } from '../../engine/report.ts'
import type { Folder } from '../../host/folder.ts'
import type { ResolveAllRequest, ResolveRequest } from '../../host/resolve-conflict.ts'
import { addCommand, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { readNamedFile } from '../named-file.ts'
import { toProjectPath } from '../project-path.ts'
import { SessionView } from '../session-view.ts'
import { counted, printable, quoted } from '../text.ts'

const SIDES = ['local', 'remote', 'both', 'merged'] as const

interface ResolveFlags {
  readonly take: Take
  readonly all?: boolean
}

type Take = (typeof SIDES)[number] | { readonly file: string }

export function addResolveCommand(program: Command, run: Run): void {
  addCommand(program, 'resolve', 'end a conflict: choose a side, both, what merges, or a file of your own')
    .argument('<folder>', FOLDER_ARGUMENT)
    .argument('[path or glob...]', 'the files in conflict: paths, folders or globs, relative to the project')
    .option('--all', 'all that are in conflict')
    .requiredOption('--take <what>', 'local, remote, both, merged or file=F', parseTake)
    .addHelpText(
      'after',
      [
        '',
        'What to take:',
        '  local    what this device has; the version of the database goes to the history',
        '  remote   what the database has; the version of this device goes to the history',
        '  both     the database’s version under this name, this device’s beside it as NAME (device, date).ext',
        '  merged   everything that merges, and this device’s side where both have changed the same',
        '  file=F   the content of the file F, which you have put together',
        examples(
          ['lockstep conflicts .', 'which files are in conflict, and about what'],
          [
            'lockstep resolve . data/state.json --take merged',
            'keep all that is not in doubt, and mine where it is',
          ],
          [
            'lockstep resolve . data/notes/today.md --take file=/tmp/today.md',
            'take what I have put together',
          ],
          ["lockstep resolve . 'data/cache/**' --take remote", 'several at once'],
        ),
      ].join('\n'),
    )
    .action((folder: string, paths: string[], options: ResolveFlags, command: Command) =>
      run(command, context => resolve(context, folder, paths, options)),
    )
}

function parseTake(text: string): Take {
  const side = SIDES.find(name => name === text)
  if (side !== undefined) return side
  if (text.startsWith('file=') && text.length > 'file='.length) return { file: text.slice('file='.length) }
  throw new InvalidArgumentError('It must be local, remote, both, merged or file=F.')
}

async function resolve(
  context: Context,
  folder: string,
  paths: readonly string[],
  { take, all = false }: ResolveFlags,
): Promise<ExitCode> {
  if (all === paths.length > 0)
    throw new UsageError('Name what to resolve: files, folders or globs, or --all.')
  return withFolder(context, 'resolve', folder, async opened => {
    const names = paths.map(path => toProjectPath(opened.project.folder, path, context.cwd))
    const [path] = names
    const isOne =
      path !== undefined && names.length === 1 && (typeof take !== 'string' || opened.isInConflict(path))
    return isOne
      ? resolveOne(context, opened, requestOf(context, path, take), folder)
      : resolveAll(context, opened, { take: sideOf(take), names: all ? null : names }, folder)
  })
}

async function resolveOne(
  context: Context,
  opened: Folder,
  request: ResolveRequest,
  folder: string,
): Promise<ExitCode> {
  const view = new SessionView(context, folder, { tellsStates: false })
  const outcome = await opened.resolve(request, context.signal, view.show)
  view.end()
  context.out.result(outcome, () => outcomeLines(request.path, outcome, folder))
  return outcome.status === 'resolved' ? EXIT.ok : EXIT.person
}

async function resolveAll(
  context: Context,
  opened: Folder,
  request: ResolveAllRequest,
  folder: string,
): Promise<ExitCode> {
  const view = new SessionView(context, folder, { tellsStates: false })
  const outcome = await opened.resolveAll(request, context.signal, view.show)
  view.end()
  context.out.result(outcome, () => allLines(outcome, folder))
  return outcome.waiting.length + outcome.changed.length + outcome.failed.length === 0 ? EXIT.ok : EXIT.person
}

/** One content is no answer to several conflicts. */
function sideOf(take: Take): (typeof SIDES)[number] {
  if (typeof take === 'string') return take
  throw new UsageError('file=F is the answer to one conflict: name its file.')
}

function allLines({ resolved, waiting, changed, failed }: ResolveAllOutcome, folder: string): string[] {
  const lines: string[] = []
  if (resolved.length > 0)
    lines.push(`${counted(resolved.length, 'conflict')} resolved. What was not taken is in the history.`)
  if (waiting.length > 0)
    lines.push(`${counted(waiting.length, 'conflict')} left to the engine that runs here.`)
  if (changed.length > 0)
    lines.push(
      `Of ${counted(changed.length, 'file')} a version has changed meanwhile, so nothing was overwritten. lockstep conflicts ${quoted(folder)} shows how they are now.`,
    )
  lines.push(...failed.map(({ message }) => printable(message)))
  return lines.length === 0 ? ['Nothing is in conflict.'] : lines
}

function requestOf(context: Context, path: string, take: Take): ResolveRequest {
  if (typeof take === 'string') return { path, take }
  return { path, take: 'content', content: readNamedFile(context, take.file, '--take') }
}

function outcomeLines(path: string, outcome: ResolveOutcome, folder: string): string[] {
  const name = printable(path)
  switch (outcome.status) {
    case 'resolved':
      return [`${name} is resolved. What was not taken is in the history.`]
    case 'waiting':
      return [
        `${name} will be resolved as soon as the engine gets to it; lockstep status ${quoted(folder)} shows how it stands.`,
      ]
    case 'changed':
      return [changedText(name, outcome.detail, quoted(folder))]
  }
}

function changedText(name: string, detail: ConflictDetail | null, folder: string): string {
  const what = `A version of ${name} has changed meanwhile, so nothing was overwritten.`
  return detail === null ? what : `${what} lockstep conflicts ${folder} shows how it is now.`
}
