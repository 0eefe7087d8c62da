/** What the definitions of all commands share. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Folder } from '../host/folder.ts'
import type { Project } from '../host/project.ts'
import type { Context } from './context.ts'
import { printable } from './text.ts'

export const FOLDER_ARGUMENT = 'the project, or its content folder'

/** A new command with the options that each one takes. */
export function addCommand(program: Command, name: string, summary: string): Command {
  return program
    .command(name)
    .summary(summary)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .option('--json', 'machine-readable output on stdout, messages on stderr')
    .option('-q, --quiet', 'no progress and no hints on stderr')
    .option('--verbose', 'say more, and show where an error comes from')
    .helpOption('-h, --help', 'print this help')
}

/** For commands that open the database: the project folder, which names it, may be somebody else's. */
export function addTrustOptions(command: Command): Command {
  return addPlaceOptions(command).option(
    '--trust-adapter',
    'agree to run the custom adapter that .env names, as it is now; asked again when it changes',
  )
}

/** For commands that say where the folder syncs. */
export function addPlaceOptions(command: Command): Command {
  return command
    .option(
      '--trust-host <host>',
      'agree that keys and passwords of your environment go to this host, which .env names; once for each folder',
    )
    .option(
      '--trust-database',
      'agree that tables are made in the SQLite file of another program that .env names; once for each folder',
    )
}

/** Each with what it does. */
export function examples(...lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length))
  return [
    '',
    'Examples:',
    ...lines.map(([command, meaning]) => `  $ ${command.padEnd(width)}  ${meaning}`),
  ].join('\n')
}

/** Opens the folder for `work` and closes it whatever happens. The engine is loaded here, not before. */
export async function withFolder<T>(
  context: Context,
  command: string,
  folder: string,
  work: (folder: Folder) => Promise<T>,
): Promise<T> {
  const { Folder } = await import('../host/folder.ts')
  const opened = await Folder.open({
    folder: resolve(context.cwd, folder),
    env: context.env,
    command: `lockstep ${command}`,
    log: context.log,
  })
  try {
    if (context.trustsAdapter) await agreeToAdapter(context, opened)
    await agreeToPlaces(context, opened.project)
    return await work(opened)
  } finally {
    await opened.close()
  }
}

/** As `--trust-host` and `--trust-database` say. */
export async function agreeToPlaces(context: Context, project: Project): Promise<void> {
  const { env, out, trustedHost, trustsDatabase } = context
  const { confirmDatabase, confirmHost } = await import('../host/confirmed-places.ts')
  if (trustedHost !== null && confirmHost(project, env, trustedHost))
    out.note(`Agreed that secrets of this environment go to ${printable(trustedHost)} for this project.`)
  const database = trustsDatabase ? confirmDatabase(project, env) : null
  if (database !== null) out.note(`Agreed that tables are made in ${printable(database)} for this project.`)
}

async function agreeToAdapter({ env, out }: Context, { project }: Folder): Promise<void> {
  const { adapterTrust, trustAdapter } = await import('../host/trust.ts')
  const trust = adapterTrust(project, env)
  if (trust === null || trust.isTrusted) return
  trustAdapter(project, env, trust)
  out.note(`Agreed to run ${printable(trust.path)} (SHA-256 ${trust.hash}) in this project.`)
  for (const file of trust.imports) out.note(`  with ${printable(file.path)} (SHA-256 ${file.hash})`)
}
