/** `lockstep setup`: what a database needs before the first sync, one command for each that needs anything. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { addCommand, examples } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { addConvexSetup } from './setup-convex.ts'

export function addSetupCommand(program: Command, run: Run): void {
  const setup = program
    .command('setup')
    .summary('make a database ready for Lockstep')
    .description('Make a database ready for Lockstep.')
    .helpOption('-h, --help', 'print this help')
  addSupabaseSetup(setup, run)
  addConvexSetup(setup, run)
}

interface SupabaseFlags {
  readonly withoutSignIn?: boolean
}

function addSupabaseSetup(setup: Command, run: Run): void {
  addCommand(setup, 'supabase', 'print the SQL for a Supabase project: table, policies, Realtime')
    .argument('[folder]', 'a project that uses it; tells which Supabase project it is')
    .option(
      '--without-sign-in',
      'also let in whoever has the publishable key, without signing in: anyone can then read, change and delete the shared files',
    )
    .addHelpText(
      'after',
      examples(
        ['lockstep setup supabase .', 'the SQL, and where to run it'],
        ['lockstep setup supabase > lockstep.sql', 'into a file, a migration say'],
        ['lockstep setup supabase --without-sign-in', 'for files that anyone may see and change'],
      ),
    )
    .action((folder: string | undefined, flags: SupabaseFlags, command: Command) =>
      run(command, context => setupSupabase(context, folder ?? null, flags)),
    )
}

async function setupSupabase(
  context: Context,
  folder: string | null,
  { withoutSignIn = false }: SupabaseFlags,
): Promise<ExitCode> {
  const { supabaseSetup } = await import('../../host/supabase-setup.ts')
  const access = withoutSignIn ? 'anyone' : 'signed-in'
  const place = folder === null ? null : resolve(context.cwd, folder)
  const setup = supabaseSetup(place, { access }, context.env)
  context.out.result(setup, () => setup.sql.trimEnd().split('\n'))
  for (const note of setup.notes) context.out.note(note)
  return EXIT.ok
}
