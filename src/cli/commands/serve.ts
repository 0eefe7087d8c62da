/** `lockstep serve`: all configured folders in step, with the interface in a browser, until it is asked to end. */
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { addCommand, examples } from '../command.ts'
import type { Context, Run } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'

interface ServeOptions {
  readonly port?: number
  readonly open: boolean
  readonly install?: boolean
  readonly uninstall?: boolean
}

export function addServeCommand(program: Command, run: Run): void {
  addCommand(program, 'serve', 'keep all your folders in step, with the interface in a browser')
    .option('--port <number>', 'listen there (default: 4766, or another where that is taken)', toPort)
    .option('--no-open', 'do not open the browser')
    .option(
      '--trust-host <host>',
      'agree that keys and passwords of your environment go to this host, for each of your folders that syncs with it',
    )
    .option('--install', 'start it at login, as a systemd user unit')
    .option('--uninstall', 'no longer start it at login')
    .addHelpText(
      'after',
      examples(
        ['lockstep serve', 'open the interface; Ctrl-C ends it'],
        ['lockstep serve --no-open', 'on a server: forward the port with ssh -L, then open the address'],
        ['lockstep serve --install', 'start it at login from now on'],
      ),
    )
    .action((options: ServeOptions, command: Command) =>
      run(command, context => serve(context, options), { onInterrupt: 'finish' }),
    )
}

function toPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a number from 0 to 65535; 0 takes any that is free.')
}

async function serve(context: Context, options: ServeOptions): Promise<ExitCode> {
  if (options.install === true || options.uninstall === true) return setUpUnit(context, options)
  const { env, out, signal, log, trustedHost } = context
  const { startDaemon } = await import('../../daemon/serve.ts')
  const daemon = await startDaemon({
    env,
    port: options.port ?? null,
    entry: entryScript(),
    log,
    ...(trustedHost === null ? {} : { trustedHost }),
  })
  if ('heldBy' in daemon) return showRunning(context, options, daemon.heldBy)
  try {
    const { port, address, url } = daemon
    out.result({ type: 'listening', url, address, port, pid: process.pid }, () => [
      `Lockstep is at ${shownAddress(env, url, address)}`,
    ])
    if (options.open) await open(context, url)
    else out.note(ONCE)
    out.note('Ctrl-C ends it.')
    if (!signal.aborted) await once(signal, 'abort')
    return EXIT.ok
  } finally {
    await daemon.close()
  }
}

const ONCE = 'The address lets one tab in, once. For another one run `lockstep serve --no-open` again.'

/** Whoever reads the journal need not be the person; `lockstep serve` by hand shows the whole address. */
function shownAddress(env: Context['env'], url: string, address: string): string {
  return (env['JOURNAL_STREAM'] ?? '') === '' ? url : address
}

type Running = { readonly pid: number; readonly url: string | null; readonly kind: string } | null

async function showRunning(context: Context, options: ServeOptions, running: Running): Promise<ExitCode> {
  const { out } = context
  if (running === null) {
    out.warn('lockstep: Another Lockstep is starting or ending just now. Try again in a moment.')
    if (out.json)
      out.document({ error: { code: 'busy', message: 'Another Lockstep is starting or ending.' } })
    return EXIT.held
  }
  const { pid, url, kind } = running
  const where = url ?? 'the Lockstep app; its window is in the tray'
  out.result({ type: 'running', pid, kind, url }, () => [`Lockstep runs already (process ${pid}): ${where}`])
  if (options.open && url !== null) await open(context, url)
  return EXIT.ok
}

async function open({ env, out }: Context, url: string): Promise<void> {
  const { hasDesktop, openInBrowser } = await import('../../daemon/desktop.ts')
  const { homeOf } = await import('../../host/app/home-of.ts')
  if (!hasDesktop(env)) {
    out.note('There is no display here. Open the address in a browser on this machine, or forward its port.')
    return
  }
  try {
    await openInBrowser({ env, home: homeOf(env), url })
  } catch {
    out.note('The browser could not be opened. Open the address yourself.')
  }
}

async function setUpUnit({ env, out }: Context, { install }: ServeOptions): Promise<ExitCode> {
  const { installUnit, uninstallUnit } = await import('../../daemon/systemd-unit.ts')
  if (process.platform !== 'linux') {
    out.warn(
      'lockstep: systemd is part of Linux alone. Add `lockstep serve --no-open` to your login items instead.',
    )
    if (out.json) out.document({ error: { code: 'unsupported', message: 'systemd is part of Linux alone.' } })
    return EXIT.usage
  }
  const done =
    install === true
      ? installUnit(env, entryScript(), { startNow: true })
      : uninstallUnit(env, { stopNow: true })
  out.result({ done }, () => done)
  return EXIT.ok
}

/** The script that this process was started with. */
function entryScript(): string {
  return realpathSync(process.argv[1] ?? '')
}
