/** `lockstep watch`: the engine in the foreground until it is asked to end. */
import type { Command } from 'commander'
import type { SessionEvent } from '../../engine/status.ts'
import { addCommand, addTrustOptions, examples, FOLDER_ARGUMENT, withFolder } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { SessionView } from '../session-view.ts'

export function addWatchCommand(program: Command, run: Run): void {
  addTrustOptions(addCommand(program, 'watch', 'keep a folder in step until Ctrl-C'))
    .argument('<folder>', FOLDER_ARGUMENT)
    .addHelpText(
      'after',
      examples(
        ['lockstep watch .', 'this project, until Ctrl-C'],
        ['lockstep watch ~/apps/bot --json', 'one JSON object a line, for programs'],
        ['lockstep watch . --quiet 2>> sync.log', 'problems and conflicts only'],
      ),
    )
    .action((folder: string, _options: unknown, command: Command) =>
      run(command, context => watch(context, folder), { onInterrupt: 'finish' }),
    )
}

async function watch(context: Context, folder: string): Promise<ExitCode> {
  const { out, env } = context
  const { withLogFile } = await import('../../host/log-file.ts')
  const log = withLogFile(context.log, env, out.verbose ? 'debug' : 'info')
  const { requireTrust } = await import('../../host/trust.ts')
  const { requireConfirmedPlace } = await import('../../host/confirmed-places.ts')
  return withFolder({ ...context, log }, 'watch', folder, async opened => {
    // An engine that runs waits for a person's agreement; a command that is being started can be told at once.
    if (opened.project.settings.enabled) requireTrust(opened.project, env)
    requireConfirmedPlace(opened.project, env)
    if (out.json) {
      await opened.watch(context.signal, event => printEvent(context, event))
      return EXIT.ok
    }
    out.note(`${opened.project.folder} and ${opened.project.database.description}, until Ctrl-C`)
    const view = new SessionView(context, folder, { tellsStates: true })
    await opened.watch(context.signal, view.show)
    view.end()
    return EXIT.ok
  })
}

/** The machine's form is the contract's: four kinds of event, and no other. */
function printEvent({ out }: Context, event: SessionEvent): void {
  if (event.type === 'progress' || event.type === 'recovered') return
  out.document(event)
}
