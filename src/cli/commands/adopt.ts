/** `lockstep adopt`: takes over the private files that an agent-native server keeps in a form of its own. */
import type { Command } from 'commander'
import type { AdoptReport } from '../../engine/report.ts'
import { addCommand, addTrustOptions, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { counted, printable, quoted } from '../text.ts'

export function addAdoptCommand(program: Command, run: Run): void {
  addTrustOptions(
    addCommand(program, 'adopt', 'take over the private files that an agent-native server has kept'),
  )
    .argument('<folder>', FOLDER_ARGUMENT)
    .option('--yes', 'do it, without being shown first what would be taken over')
    .addHelpText(
      'after',
      examples(
        ['lockstep adopt .', 'which of its records would be taken over'],
        ['lockstep adopt . --yes', 'name them as Lockstep does; the server’s own go'],
      ),
    )
    .action((folder: string, options: { readonly yes?: boolean }, command: Command) =>
      run(command, context => adopt(context, folder, options.yes === true)),
    )
}

async function adopt(context: Context, folder: string, isConfirmed: boolean): Promise<ExitCode> {
  const report = await withFolder(context, 'adopt', folder, opened => opened.adopt({ isConfirmed }))
  context.out.result(report, () => adoptLines(report, folder))
  const isOver = report.left.length === 0 && (report.isDone || report.adopted.length === 0)
  return isOver ? EXIT.ok : EXIT.person
}

function adoptLines({ adopted, left, isDone }: AdoptReport, folder: string): string[] {
  if (adopted.length + left.length === 0)
    return ['No agent-native server keeps private files of this user here.']
  const files = counted(adopted.length, 'private file')
  const lines = [
    isDone ? `${files} taken over.` : `${files} would be taken over:`,
    ...adopted.map(path => `  ${printable(path)}`),
  ]
  if (left.length > 0)
    lines.push('Left as they are:', ...left.map(({ path, reason }) => `  ${printable(path)}: ${reason}`))
  if (!isDone) lines.push('Nothing was done. Stop the server, and run it again with --yes to take them over.')
  else if (adopted.length > 0) lines.push(`lockstep sync ${quoted(folder)} brings them here.`)
  return lines
}
