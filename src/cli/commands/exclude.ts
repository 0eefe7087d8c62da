/** `lockstep exclude`: takes single files out of what syncs, in sync-config.json. */
import type { Command } from 'commander'
import { addCommand, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { toProjectPath } from '../project-path.ts'
import { counted, printable } from '../text.ts'

export function addExcludeCommand(program: Command, run: Run): void {
  addCommand(program, 'exclude', 'take files out of what syncs; they stay where they are, on all sides')
    .argument('<folder>', FOLDER_ARGUMENT)
    .argument('<path...>', 'the files, relative to the project')
    .addHelpText(
      'after',
      examples([
        'lockstep exclude . data/notes/keys.md',
        'add !data/notes/keys.md to sync-config.json, and change nothing else there',
      ]),
    )
    .action((folder: string, paths: string[], _options: unknown, command: Command) =>
      run(command, context => exclude(context, folder, paths)),
    )
}

async function exclude(context: Context, folder: string, named: readonly string[]): Promise<ExitCode> {
  const report = await withFolder(context, 'exclude', folder, async opened =>
    opened.exclude(named.map(path => toProjectPath(opened.project.folder, path, context.cwd))),
  )
  context.out.result(report, () => [
    `${counted(report.excluded.length, 'file')} excluded in ${printable(report.file)}. Copies that others have stay.`,
  ])
  return EXIT.ok
}
