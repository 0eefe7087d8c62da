/** `lockstep init`: sets up a folder, asks nothing, overwrites nothing. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Option } from 'commander'
import type { InitReport } from '../../host/init.ts'
import { compilePatterns } from '../../engine/core/patterns.ts'
import { addCommand, addPlaceOptions, agreeToPlaces, examples, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { counted, printable, quoted } from '../text.ts'

interface InitFlags {
  readonly pattern?: readonly string[]
  readonly private?: readonly string[]
  readonly sqlite?: string
  readonly backend?: string
  readonly app?: string
  readonly user?: string
  readonly trustCode?: readonly string[]
}

export function addInitCommand(program: Command, run: Run): void {
  addPlaceOptions(addCommand(program, 'init', 'set up a folder; nothing that exists is overwritten'))
    .argument('<folder>', 'the project; created where it is missing')
    .option('--pattern <glob...>', 'files to share (default: data/**/*.json and data/**/*.md)')
    .option('--private <glob...>', 'files for your own devices only; needs --user')
    .option('--sqlite <path>', 'the SQLite file, relative to the project; saved in .env')
    .addOption(
      new Option('--backend <name>', 'the database; saved in .env').choices([
        'drizzle',
        'firestore',
        'supabase',
        'convex',
        'custom',
      ]),
    )
    .option(
      '--app <id>',
      'the name under which devices share; saved in .env (default: the name in package.json)',
    )
    .option('--user <id>', 'whose private files these are; saved in .env')
    .option(
      '--trust-code <glob...>',
      'files that programs run by themselves (.mcp.json, .vscode/tasks.json, …) to take from others unseen, on this device',
    )
    .addHelpText(
      'after',
      examples(
        ['lockstep init .', 'JSON and Markdown below data/, through data/sync.db'],
        ['lockstep init . --sqlite ../shared/sync.db', 'through a file that other projects use too'],
        [`lockstep init . --pattern 'data/**/*.json' '!data/cache/**'`, 'patterns of your own'],
      ),
    )
    .action((folder: string, flags: InitFlags, command: Command) =>
      run(command, context => init(context, folder, flags)),
    )
}

async function init(context: Context, folder: string, flags: InitFlags): Promise<ExitCode> {
  const { initProject } = await import('../../host/init.ts')
  const options = {
    patterns: flags.pattern ?? [],
    privatePatterns: flags.private ?? [],
    settings: settingsOf(flags),
  }
  const { requirePatterns } = await import('../../host/waiting-contents.ts')
  const asked = flags.trustCode ?? []
  requirePatterns(asked)
  const report = initProject(resolve(context.cwd, folder), options, context.env)
  const { knownRecords } = await import('../../host/known-records.ts')
  const { loadProject } = await import('../../host/project.ts')
  const { confirmDatabase, questionOf, unconfirmedPlace } = await import('../../host/confirmed-places.ts')
  const project = loadProject(report.folder, context.env)
  await agreeToPlaces(context, project)
  // Whoever names a database knows it.
  if (flags.sqlite !== undefined) confirmDatabase(project, context.env)
  const unconfirmed = unconfirmedPlace(project, context.env)
  const question = unconfirmed === null ? null : questionOf(unconfirmed)
  const known = await knownRecords(project, context.env)
  const runnable = known?.runnable ?? []
  const isAsked = runnable.length + asked.length > 0
  const trusted = isAsked ? await trustCode(context, report, asked) : []
  const records = known?.count ?? null
  const waiting = runnable.filter(path => !compilePatterns(trusted).match(path).matched)
  const asks = question === null ? {} : { question }
  context.out.result({ ...report, records, trusted, waiting, ...asks }, () => [
    ...reportLines(report, records, folder),
    ...waitingLines(waiting, folder),
    ...(question === null ? [] : ['', printable(question)]),
  ])
  return EXIT.ok
}

/** All patterns that this device trusts. */
async function trustCode(
  context: Context,
  { folder }: InitReport,
  add: readonly string[],
): Promise<readonly string[]> {
  return withFolder(context, 'init', folder, async opened => {
    const { patterns } = add.length === 0 ? opened.trust() : await opened.changeTrust({ add, remove: [] })
    return patterns
  })
}

/** More are counted. */
const LISTED_FILES = 10

function waitingLines(waiting: readonly string[], folder: string): string[] {
  if (waiting.length === 0) return []
  const name = quoted(folder)
  const more = waiting.length - LISTED_FILES
  return [
    '',
    `${counted(waiting.length, 'file')} there that programs run by themselves will wait for your yes, at each change that others make:`,
    ...waiting.slice(0, LISTED_FILES).map(path => `  ${printable(path)}`),
    ...(more > 0 ? [`  … and ${counted(more, 'more file')}`] : []),
    `lockstep trust ${name} --add <glob> lets them come from now on; after a sync lockstep trust ${name} shows what is in them.`,
  ]
}

function settingsOf(flags: InitFlags): Record<string, string> {
  const settings = {
    FILE_SYNC_BACKEND: flags.backend,
    FILE_SYNC_SQLITE_PATH: flags.sqlite,
    FILE_SYNC_APP_ID: flags.app,
    FILE_SYNC_USER_ID: flags.user,
  }
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}

const OWN_DATABASE =
  'That database is this project’s own. To share with another folder, give both the same one: lockstep init <folder> --sqlite PATH --app NAME'

/** Another project may have the same name and database by chance. */
function recordLines({ appId }: InitReport, records: number | null, folder: string): string[] {
  if (records === null || records === 0) return []
  return [
    `It holds ${counted(records, 'file')} of the app "${appId}" already: the first sync brings those that match the patterns here.`,
    `lockstep plan ${quoted(folder)} shows which. If they are another project's, give this one a name of its own: lockstep init ${quoted(folder)} --app NAME`,
  ]
}

function widenedLine(pattern: string): string {
  return `${printable(pattern)} is a folder, so ${printable(pattern)}/** was written: what lies in it`
}

function reportLines(report: InitReport, records: number | null, folder: string): string[] {
  const lines = [
    ...report.created.map(file => `created ${printable(file)}`),
    ...report.changed.map(file => `changed ${printable(file)}`),
  ]
  if (lines.length === 0)
    lines.push(`${printable(report.configFile)} is there already; nothing had to be done.`)
  return [
    ...lines,
    ...report.widened.map(widenedLine),
    '',
    `Folders of the app "${report.appId}" with the database ${printable(report.database)} are kept in step.`,
    ...recordLines(report, records, folder),
    ...(report.isOwnDatabase ? [OWN_DATABASE] : []),
    `Next: lockstep doctor ${quoted(folder)}, then lockstep watch ${quoted(folder)}`,
  ]
}
