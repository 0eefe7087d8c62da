/** `lockstep history`: what was overwritten or deleted here (R1, R16), and how it is forgotten for good. */
import type { Command } from 'commander'
import type { ForgetReport, HistoryReport } from '../../engine/report.ts'
import { addCommand, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { toProjectPath } from '../project-path.ts'
import { UsageError } from '../failure.ts'
import { bytes, columns, counted, printable, quoted, timeOf } from '../text.ts'
import { causeInWords } from '../words.ts'

interface HistoryOptions {
  readonly contents?: boolean
  readonly forget?: string
  readonly yes?: boolean
}

export function addHistoryCommand(program: Command, run: Run): void {
  addCommand(program, 'history', 'list what was overwritten or deleted here, by sync or by programs')
    .argument('<folder>', FOLDER_ARGUMENT)
    .argument('[path]', 'one file, relative to the project')
    .option('--contents', 'with each version’s content')
    .option(
      '--forget <what>',
      'erase all versions of a path, or a content by its SHA-256, for good; needs --yes',
    )
    .option('--yes', 'with --forget: erase it, without being shown first what would go')
    .addHelpText(
      'after',
      examples(
        ['lockstep history .', 'all versions that were put aside, newest first'],
        ['lockstep history . data/notes/today.md', 'those of one file'],
        [
          'lockstep history . data/notes/today.md --contents --json',
          'with contents and hashes, for a program',
        ],
        [
          'lockstep history . --forget data/notes/key.md --yes',
          'erase what must not be kept, a password say',
        ],
      ),
    )
    .action((folder: string, path: string | undefined, options: HistoryOptions, command: Command) =>
      run(command, context =>
        options.forget === undefined
          ? history(context, folder, path ?? null, options.contents === true)
          : forget(context, folder, path, { what: options.forget, isConfirmed: options.yes === true }),
      ),
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
  if (versions.length === 0) return ['Nothing has been overwritten or deleted here.']
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

async function forget(
  context: Context,
  folder: string,
  path: string | undefined,
  { what, isConfirmed }: { readonly what: string; readonly isConfirmed: boolean },
): Promise<ExitCode> {
  if (path !== undefined)
    throw new UsageError('Name what is to be forgotten once: lockstep history <folder> --forget <what>')
  const report = await withFolder(context, 'history', folder, opened =>
    opened.forget(toProjectPath(opened.project.folder, what, context.cwd), { isConfirmed }),
  )
  context.out.result(report, () => forgetLines(report))
  return report.isForgotten ? EXIT.ok : EXIT.person
}

function forgetLines({ what, versions, isForgotten, stillIn, copies }: ForgetReport): string[] {
  const name = printable(what)
  if (!isForgotten)
    return [
      `${counted(versions, 'version')} of ${name} would be erased for good, and nothing could bring them back.`,
      'Nothing was done. Run it again with --yes to erase them.',
    ]
  return [
    `${counted(versions, 'version')} of ${name} erased for good.`,
    ...listed('The same content is still in:', stillIn),
    ...listed(
      'It may still be in what was set aside of Lockstep’s own state. Delete these once you need nothing from them:',
      copies,
    ),
  ]
}

function listed(title: string, paths: readonly string[]): string[] {
  return paths.length === 0 ? [] : [title, ...paths.map(path => `  ${printable(path)}`)]
}
