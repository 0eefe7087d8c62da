/** `lockstep history`: what sync has overwritten or deleted here (R1). */
import type { Command } from 'commander'
import type { HistoryReport } from '../../engine/report.ts'
import { addCommand, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { toProjectPath } from '../project-path.ts'
import { bytes, columns, printable, quoted, timeOf } from '../text.ts'
import { causeInWords } from '../words.ts'

interface HistoryOptions {
  readonly contents?: boolean
}

export function addHistoryCommand(program: Command, run: Run): void {
  addCommand(program, 'history', 'list what sync has overwritten or deleted here')
    .argument('<folder>', FOLDER_ARGUMENT)
    .argument('[path]', 'one file, relative to the project')
    .option('--contents', 'with each version’s content')
    .addHelpText(
      'after',
      examples(
        ['lockstep history .', 'all versions that were put aside, newest first'],
        ['lockstep history . data/notes/today.md', 'those of one file'],
        ['lockstep history . data/notes/today.md --contents --json', 'with contents, for a program'],
      ),
    )
    .action((folder: string, path: string | undefined, options: HistoryOptions, command: Command) =>
      run(command, context => history(context, folder, path ?? null, options.contents === true)),
    )
}

async function history(
  context: Context,
  folder: string,
  path: string | null,
  contents: boolean,
): Promise<ExitCode> {
  const versions = await withFolder(context, 'history', folder, opened =>
    opened.history(path === null ? null : toProjectPath(opened.project.folder, path, context.cwd), {
      contents,
    }),
  )
  context.out.result(versions, () => historyLines(versions, context, folder))
  return EXIT.ok
}

function historyLines(versions: readonly HistoryReport[], context: Context, folder: string): string[] {
  if (versions.length === 0) return ['Nothing has been overwritten or deleted by sync.']
  const rows = versions.map(version => [
    String(version.version),
    timeOf(version.time, context.now()),
    bytes(version.size),
    causeInWords(version.reason),
    printable(version.path),
  ])
  const lines = columns([['version', 'put aside', 'size', 'reason', 'path'], ...rows])
  const [newest] = versions
  if (versions.every(version => version.content === undefined)) {
    const example = `lockstep restore ${quoted(folder)} ${quoted(newest!.path)} --version ${newest!.version}`
    return [...lines, '', `${printable(example)} brings the newest back.`]
  }
  return versions.flatMap((version, index) => [lines[index + 1]!, ...contentLines(version.content ?? ''), ''])
}

function contentLines(content: string): string[] {
  return content.split(/\r?\n/).map(line => `    ${printable(line)}`)
}
