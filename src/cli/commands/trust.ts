/** `lockstep trust`: files that wait for their content (R10.6), and the paths whose contents this device trusts (R10.7). */
import type { Command } from 'commander'
import type { TrustReport, WaitingReport } from '../../engine/report.ts'
import { changeByWaiting } from '../../host/waiting-contents.ts'
import { addCommand, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { Style } from '../output.ts'
import { columns, count, counted, printable, quoted, timeOf } from '../text.ts'

interface TrustFlags {
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
}

export function addTrustCommand(program: Command, run: Run): void {
  addCommand(program, 'trust', 'look at files that programs run by themselves before they come here')
    .argument('<folder>', FOLDER_ARGUMENT)
    .option('--add <glob...>', 'let all that comes to such paths come, from now on, on this device')
    .option('--remove <glob...>', 'ask about them again from now on')
    .addHelpText(
      'after',
      examples(
        ['lockstep trust .', 'what waits, with what it would change, and which paths are trusted'],
        [
          'lockstep approve . .mcp.json --content 3f2a…',
          'let the content with this SHA-256 of one of them come',
        ],
        ['lockstep trust . --add .mcp.json', 'let whatever others make of it come, on this device'],
      ),
    )
    .action((folder: string, flags: TrustFlags, command: Command) =>
      run(command, context => trust(context, folder, flags)),
    )
}

async function trust(context: Context, folder: string, flags: TrustFlags): Promise<ExitCode> {
  const change = { add: flags.add ?? [], remove: flags.remove ?? [] }
  const isChange = change.add.length + change.remove.length > 0
  const report = await withFolder(context, 'trust', folder, async opened =>
    isChange ? opened.changeTrust(change) : opened.trust(),
  )
  context.out.result(report, () => [
    ...patternLines(report),
    ...waitingLines(report, context, folder, { isShown: !isChange }),
  ])
  return EXIT.ok
}

function patternLines({ patterns }: TrustReport): string[] {
  if (patterns.length === 0) return ['This device trusts no paths: each content from others waits for you.']
  return ['Trusted on this device, whoever it comes from:', ...patterns.map(each => `  ${printable(each)}`)]
}

function waitingLines(
  { waiting }: TrustReport,
  context: Context,
  folder: string,
  { isShown }: { readonly isShown: boolean },
): string[] {
  if (waiting.length === 0) return ['Nothing waits.']
  const { out, now } = context
  const lines = ['', `${counted(waiting.length, 'file')} that programs run by themselves:`]
  for (const each of waiting) {
    lines.push('', out.style('bold', printable(each.path)))
    const rows = [
      ['why', each.why],
      ['since', timeOf(each.since, now())],
      ['SHA-256', each.hash],
    ]
    lines.push(...columns(rows, '  '), ...(isShown ? changeLines(each, context) : []))
  }
  const name = quoted(folder)
  return [
    ...lines,
    '',
    `lockstep approve ${name} <path> --content <SHA-256>   lets this content come; each other one is asked about again`,
    `lockstep trust ${name} --add <glob>                   lets all that comes to such a path come`,
  ]
}

/** More lines of one file are counted. */
const SHOWN_LINES = 200

const MARKS: Readonly<Record<'same' | 'add' | 'remove', readonly [mark: string, style: Style]>> = {
  same: [' ', 'dim'],
  add: ['+', 'green'],
  remove: ['-', 'red'],
}

/** What the file would hold, against what it holds. */
function changeLines(waiting: WaitingReport, { out }: Context): string[] {
  const lines = changeByWaiting(waiting)
  if (lines === 'large') return ['  It is too large to be shown.']
  if (lines === 'binary') return ['  It is no text.']
  const shown = lines.slice(0, SHOWN_LINES).map(({ kind, text }) => {
    if (kind === 'gap') return '    …'
    const [mark, style] = MARKS[kind]
    return out.style(style, `  ${mark} ${printable(text)}`)
  })
  const more = lines.length - SHOWN_LINES
  return more > 0 ? [...shown, `    … and ${count(more)} more lines (--json has all of it)`] : shown
}
