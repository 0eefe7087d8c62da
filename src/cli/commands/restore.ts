/** `lockstep restore`: brings one version from the history back into its file. */
import { InvalidArgumentError, type Command } from 'commander'
import { addCommand, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { toProjectPath } from '../project-path.ts'
import { printable } from '../text.ts'

export function addRestoreCommand(program: Command, run: Run): void {
  addCommand(program, 'restore', 'bring a version from the history back into its file')
    .argument('<folder>', FOLDER_ARGUMENT)
    .argument('<path>', 'the file, relative to the project')
    .requiredOption('--version <number>', 'which version, as lockstep history lists it', parseVersion)
    .addHelpText(
      'after',
      examples(
        ['lockstep history . data/notes/today.md', 'which versions there are'],
        [
          'lockstep restore . data/notes/today.md --version 12',
          'bring one back; what is there now goes to the history',
        ],
      ),
    )
    .action((folder: string, path: string, options: { version: number }, command: Command) =>
      run(command, context => restore(context, folder, path, options.version)),
    )
}

function parseVersion(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a number from lockstep history.')
  return Number(text)
}

async function restore(context: Context, folder: string, path: string, version: number): Promise<ExitCode> {
  const outcome = await withFolder(context, 'restore', folder, opened =>
    opened.restore(toProjectPath(opened.project.folder, path, context.cwd), version),
  )
  context.out.result(outcome, () => [
    `${printable(outcome.path)} holds version ${outcome.version} again.` +
      (outcome.replaced ? ' What it held before is in the history.' : ''),
  ])
  return EXIT.ok
}
