/** `lockstep doctor`: looks for what may keep files from syncing. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { DoctorReport } from '../../host/doctor.ts'
import type { Check } from '../../host/doctor/check.ts'
import { addCommand, addTrustOptions, examples, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { Style } from '../output.ts'
import { counted, printable } from '../text.ts'

interface DoctorFlags {
  readonly withoutSignIn?: boolean
}

export function addDoctorCommand(program: Command, run: Run): void {
  addTrustOptions(addCommand(program, 'doctor', 'look for what may keep files from syncing'))
    .argument('[folder]', 'a project; without one, this machine alone is looked at')
    .option(
      '--without-sign-in',
      'where SQL is missing in Supabase, print the one of setup supabase --without-sign-in',
    )
    .addHelpText(
      'after',
      examples(
        ['lockstep doctor', 'this machine'],
        ['lockstep doctor .', 'this project too: configuration, disk, watch limits, database, clock'],
        ['lockstep doctor . --json', 'the same for a program'],
      ),
    )
    .action((folder: string | undefined, { withoutSignIn = false }: DoctorFlags, command: Command) =>
      run(command, context => doctor(context, folder ?? null, withoutSignIn ? 'anyone' : 'signed-in')),
    )
}

async function doctor(
  context: Context,
  folder: string | null,
  access: 'anyone' | 'signed-in',
): Promise<ExitCode> {
  const agrees = context.trustsAdapter || context.trustedHost !== null || context.trustsDatabase
  if (folder !== null && agrees) await withFolder(context, 'doctor', folder, async () => {})
  const { examine } = await import('../../host/doctor.ts')
  const report = await examine(folder === null ? null : resolve(context.cwd, folder), context.env, access)
  context.out.result(report, () => reportLines(report, context))
  return report.checks.some(({ status }) => status === 'failed') ? EXIT.error : EXIT.ok
}

const MARKS: Readonly<Record<Check['status'], { readonly mark: string; readonly style: Style }>> = {
  ok: { mark: '✓', style: 'green' },
  warning: { mark: '!', style: 'yellow' },
  failed: { mark: '×', style: 'red' },
}

function reportLines(report: DoctorReport, { out }: Context): string[] {
  const lines = report.checks.flatMap(({ status, message, advice }) => {
    const { mark, style } = MARKS[status]
    const line = `${out.style(style, mark)} ${printable(message)}`
    return advice === null ? [line] : [line, `    ${printable(advice)}`]
  })
  const count = (status: Check['status']): number =>
    report.checks.filter(check => check.status === status).length
  const ends = [
    ...(count('failed') > 0 ? [`${counted(count('failed'), 'check')} failed`] : []),
    ...(count('warning') > 0 ? [counted(count('warning'), 'warning')] : []),
  ]
  const sql =
    report.sql === null
      ? []
      : ['', 'The SQL to run in the database:', '', ...report.sql.trimEnd().split('\n')]
  return [...lines, ...sql, '', ends.length === 0 ? 'All is well.' : `${ends.join(', ')}.`]
}
