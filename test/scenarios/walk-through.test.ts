/** `docs/conflicts.md`, played as a reader would: its commands in one shell, its outputs compared with what comes. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { COMPILE_CACHE } from '../support/lockstep.ts'
import { noteFolder, noteProcess, noteRemoved } from '../support/orphans.ts'

const root = join(import.meta.dirname, '..', '..')
const CLI = process.env['LOCKSTEP_TEST_CLI'] ?? join(root, 'out', 'main', 'cli.js')
/** Between the outputs of two commands. */
const MARK = '\u0001'

interface Command {
  readonly line: string
  readonly output: string
}

function commandsOf(page: string): Command[] {
  const blocks = readFileSync(join(root, 'docs', page), 'utf8').matchAll(/^```console\n([\s\S]*?)^```$/gm)
  return [...blocks].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map(command => {
        const end = command.indexOf('\n')
        return { line: command.slice(0, end), output: command.slice(end + 1) }
      }),
  )
}

/** In one shell, in a folder of its own; what each of the commands prints. */
async function play(commands: readonly Command[], folder: string): Promise<string[]> {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'lockstep'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`)
  chmodSync(join(bin, 'lockstep'), 0o755)
  const names = Object.keys(process.env).filter(name => !/^(?:FILE_SYNC_|LOCKSTEP_|NODE_|VITEST)/.test(name))
  const env = Object.fromEntries(names.map(name => [name, process.env[name]]))
  const script = commands.map(({ line }) => `${line}\nprintf '\\001'\n`).join('')
  const shell = spawn('sh', ['-c', `exec 2>&1\n${script}`], {
    cwd: folder,
    env: { ...env, ...COMPILE_CACHE, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  noteProcess(shell)
  return (await text(shell.stdout)).split(MARK)
}

/** What differs from one machine, and one moment, to another. */
function general(output: string, folder: string): string {
  return output
    .replaceAll(folder, '…')
    .replaceAll(/(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d/g, 'TIME')
    .replaceAll(/\([^()]+, \d{4}-\d\d-\d\d\)/g, '(DEVICE, DATE)')
}

test.skipIf(process.platform === 'win32')(
  'R5 R6 R7 the walk through conflicts does what its page shows, command by command',
  async () => {
    const commands = commandsOf('conflicts.md')
    expect(commands.length).toBeGreaterThan(40)
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-walk-')))
    noteFolder(folder)
    try {
      const outputs = await play(commands, folder)
      const seen = commands.map(({ line }, at) => `$ ${line}\n${general(outputs[at] ?? '', folder)}`)
      const shown = commands.map(({ line, output }) => `$ ${line}\n${general(output, folder)}`)
      expect(seen.join('')).toBe(shown.join(''))
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
      noteRemoved(folder)
    }
  },
)
