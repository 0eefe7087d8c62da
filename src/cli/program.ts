/** The commands and options of `lockstep`, and nothing of what they do. */
import { Command } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import type { Run, Surroundings } from './context.ts'
import { addAdoptCommand } from './commands/adopt.ts'
import { addDecisionCommands } from './commands/decide.ts'
import { addConflictsCommand } from './commands/conflicts.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addExcludeCommand } from './commands/exclude.ts'
import { addExplainCommand } from './commands/explain.ts'
import { addHistoryCommand } from './commands/history.ts'
import { addInitCommand } from './commands/init.ts'
import { addPlanCommand } from './commands/plan.ts'
import { addResolveCommand } from './commands/resolve.ts'
import { addRestoreCommand } from './commands/restore.ts'
import { addServeCommand } from './commands/serve.ts'
import { addSetupCommand } from './commands/setup.ts'
import { addStatusCommand } from './commands/status.ts'
import { addSyncCommand } from './commands/sync.ts'
import { addTrustCommand } from './commands/trust.ts'
import { addWatchCommand } from './commands/watch.ts'
import { printable } from './text.ts'

const EXIT_CODES = `
Exit codes:
  0  in step, or done
  1  something failed
  2  wrong usage or configuration
  3  a person is needed: a conflict, or something that is held
  4  another engine holds the folder

Start here:
  $ lockstep init .          set up this folder
  $ lockstep watch .         keep it in step until Ctrl-C
  $ lockstep status .        see how it stands`

export function createProgram(run: Run, around: Pick<Surroundings, 'stdout' | 'stderr'>): Command {
  const program = new Command('lockstep')
    .description(packageJson.description)
    .version(packageJson.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .option('--json', 'machine-readable output on stdout')
    // So that `restore --version V` is not taken for the program's own option.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('Run it with --help to see what it takes.')
    .configureOutput({
      writeOut: text => void around.stdout.write(text),
      writeErr: text => void around.stderr.write(text.split('\n').map(printable).join('\n')),
      getOutHelpWidth: () => around.stdout.columns ?? 80,
      getErrHelpWidth: () => around.stderr.columns ?? 80,
    })
    .addHelpText('after', EXIT_CODES)
  for (const add of COMMANDS) add(program, run)
  return program
}

/** In the order in which `--help` lists them. */
const COMMANDS: readonly ((program: Command, run: Run) => void)[] = [
  addInitCommand,
  addSetupCommand,
  addWatchCommand,
  addServeCommand,
  addSyncCommand,
  addStatusCommand,
  addPlanCommand,
  addExplainCommand,
  addConflictsCommand,
  addResolveCommand,
  addDecisionCommands,
  addExcludeCommand,
  addTrustCommand,
  addHistoryCommand,
  addRestoreCommand,
  addAdoptCommand,
  addDoctorCommand,
]
