/** `lockstep resolve`: ends a conflict as a person decides (R6). */
import { InvalidArgumentError, type Command } from 'commander'
import type { ConflictDetail, ResolveOutcome } from '../../engine/report.ts'
import type { ResolveRequest } from '../../host/resolve-conflict.ts'
import { addCommand, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { readNamedFile } from '../named-file.ts'
import { toProjectPath } from '../project-path.ts'
import { SessionView } from '../session-view.ts'
import { printable, quoted } from '../text.ts'

const SIDES = ['local', 'remote', 'both', 'merged'] as const

type Take = (typeof SIDES)[number] | { readonly file: string }

export function addResolveCommand(program: Command, run: Run): void {
  addCommand(program, 'resolve', 'end a conflict: choose a side, both, what merges, or a file of your own')
    .argument('<folder>', FOLDER_ARGUMENT)
    .argument('<path>', 'the file in conflict, relative to the project')
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
        ),
      ].join('\n'),
    )
    .action((folder: string, path: string, options: { take: Take }, command: Command) =>
      run(command, context => resolve(context, folder, path, options.take)),
    )
}

function parseTake(text: string): Take {
  const side = SIDES.find(name => name === text)
  if (side !== undefined) return side
  if (text.startsWith('file=') && text.length > 'file='.length) return { file: text.slice('file='.length) }
  throw new InvalidArgumentError('It must be local, remote, both, merged or file=F.')
}

async function resolve(context: Context, folder: string, path: string, take: Take): Promise<ExitCode> {
  return withFolder(context, 'resolve', folder, async opened => {
    const request = requestOf(context, toProjectPath(opened.project.folder, path, context.cwd), take)
    const view = new SessionView(context, folder, { tellsStates: false })
    const outcome = await opened.resolve(request, context.signal, view.show)
    view.end()
    context.out.result(outcome, () => outcomeLines(request.path, outcome, folder))
    return outcome.status === 'resolved' ? EXIT.ok : EXIT.person
  })
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
