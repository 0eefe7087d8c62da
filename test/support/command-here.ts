/** The command line in this process: for what would need many processes otherwise. */
import { runCommandLine } from '../../src/cli/run.ts'

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export async function commandHere(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Said> {
  const output = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      output[name] += text
      return true
    },
    on: () => {},
  })
  const code = await runCommandLine(args, {
    env: { NO_COLOR: '1', ...env },
    cwd,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    signals: { on: () => {}, off: () => {}, exit: () => {} },
    now: Date.now,
    onDeadEnd: () => {},
  })
  return { code, ...output }
}
