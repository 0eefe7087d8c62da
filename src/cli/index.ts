/**
 * The entry of the command line, built to out/main/cli.js. Loads as little as possible: each command
 * brings in what it needs when it runs.
 */
import { followSystemNetwork } from '../host/system-network.ts'
import { runCommandLine } from './run.ts'

followSystemNetwork(process.env)

const exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  now: Date.now,
  onDeadEnd: listener => void process.once('beforeExit', listener),
})

process.exitCode = exitCode
// What is still open (a database's timer, say) must not keep a finished command alive; what has been
// printed must get out first, which takes a turn where stdout is a pipe on Windows.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))
