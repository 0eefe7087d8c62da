/** `lockstep setup convex`: puts the functions into a Convex project, and says what to do with them. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { ConvexSetupReport, SetupFile } from '../../host/setup-convex.ts'
import { addCommand, examples } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { printable, quoted } from '../text.ts'

interface ConvexFlags {
  readonly force?: boolean
}

export function addConvexSetup(setup: Command, run: Run): void {
  addCommand(setup, 'convex', 'write the functions and the schema into a Convex project')
    .argument('<folder>', 'the project that deploys to Convex; its functions lie in convex/')
    .option('--force', 'overwrite functions that you have changed; your own schema never is')
    .addHelpText(
      'after',
      examples(
        ['lockstep setup convex .', 'write convex/files.ts, convex/lockstep/ and convex/schema.ts'],
        ['lockstep setup convex . --force', 'also over changes of your own'],
      ),
    )
    .action((folder: string, flags: ConvexFlags, command: Command) =>
      run(command, context => setupConvex(context, folder, flags)),
    )
}

async function setupConvex(
  context: Context,
  folder: string,
  { force = false }: ConvexFlags,
): Promise<ExitCode> {
  const { setUpConvex } = await import('../../host/setup-convex.ts')
  const report = setUpConvex(resolve(context.cwd, folder), { force })
  context.out.result(report, () => reportLines(report, folder))
  // What is left needs a person: a decision, or two lines in a file.
  return report.isReady ? EXIT.ok : EXIT.person
}

function reportLines(report: ConvexSetupReport, folder: string): string[] {
  const changed = report.files.filter(({ state }) => state === 'changed-by-you')
  if (changed.length > 0) return refusalLines(changed, folder)
  const { schema } = report
  return [
    ...report.files.map(({ state, file }) => `${VERBS[state]} ${printable(file)}`),
    ...(schema.state === 'created' ? [`${VERBS.created} ${printable(schema.file)}`] : []),
    '',
    ...schemaLines(report),
    ...nextLines(report, folder),
  ]
}

const VERBS: Readonly<Record<SetupFile['state'], string>> = {
  created: 'created ',
  unchanged: 'is there',
  replaced: 'replaced',
  'changed-by-you': 'differs ',
}

function refusalLines(changed: readonly SetupFile[], folder: string): string[] {
  return [
    ...changed.flatMap(({ file, difference }) => [
      `You have changed ${printable(file)}. Replacing it would do this:`,
      ...difference.split('\n').map(line => `  ${printable(line)}`),
      '',
    ]),
    'Nothing was written.',
    `To overwrite your changes: lockstep setup convex ${quoted(folder)} --force`,
  ]
}

function schemaLines({ schema }: ConvexSetupReport): string[] {
  const [imported, table] = schema.lines
  return [
    ...(schema.state === 'incomplete'
      ? [
          `${printable(schema.file)} is your own and was not touched. Add two lines to it:`,
          `  at the top:                         ${imported}`,
          `  first within defineSchema({ … }):   ${table}`,
          '',
        ]
      : []),
    ...(schema.hasOwnFilesTable
      ? [
          `${printable(schema.file)} defines a table "files" of its own. Remove it: ...lockstepTables has it, with the same fields and more indexes. The records stay.`,
          '',
        ]
      : []),
  ]
}

function nextLines({ hasConvexPackage }: ConvexSetupReport, folder: string): string[] {
  const steps = [
    ...(hasConvexPackage ? [] : ['npm install convex']),
    'npx convex dev --once                  deploys to your development deployment; its URL is in .env.local',
    'npx convex env set CONVEX_SYNC_KEY     asks for a value: a long random text. Without it whoever knows the URL gets in',
  ]
  return [
    `Next, in ${printable(folder)}:`,
    ...steps.map(step => `  ${step}`),
    'For production: npx convex deploy, and npx convex env set --prod CONVEX_SYNC_KEY.',
    '',
    'Then in the .env of each project that syncs through it:',
    '  FILE_SYNC_BACKEND=convex',
    '  CONVEX_URL=https://….convex.cloud',
    '  CONVEX_SYNC_KEY=<the same text>',
    'and there: lockstep doctor .',
  ]
}
