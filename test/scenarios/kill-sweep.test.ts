/**
 * `scripts/kill-sweep.mjs` itself, in short: some commands that end by SIGKILL, or find no room, at some of their calls to
 * the file system.
 * `npm run kill-sweep` takes every call, every error, and every history.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { IS_LONG } from '../support/long.ts'
import { noteProcess } from '../support/orphans.ts'

const root = join(import.meta.dirname, '..', '..')
const IN_SHORT = ['--history', 'push,merge,resolve-both', '--how', 'kill,ENOSPC', '--every', '16']
const SWEEP = IS_LONG ? [] : IN_SHORT
/** With this it ends where there can be no sweep. */
const NOT_HERE = 77

interface Report {
  readonly histories: readonly {
    readonly name: string
    readonly points: number
    readonly missed: number
    readonly sites: number
    readonly fault: string | null
    readonly violations: readonly unknown[]
  }[]
}

test('R1 R2 R6 R9 a command that fails at one of its calls is run again: nothing lost, left behind, or in conflict', async ({
  skip,
}) => {
  const cli = process.env['LOCKSTEP_TEST_CLI'] ?? join(root, 'out', 'main', 'cli.js')
  expect(existsSync(cli)).toBe(true)
  const child = spawn(process.execPath, [join(root, 'scripts', 'kill-sweep.mjs'), ...SWEEP, '--json'], {
    env: { ...process.env, LOCKSTEP_TEST_CLI: cli },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  noteProcess(child)
  const [stdout, told, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ])
  if (code === NOT_HERE) {
    expect(isRoot() && hasStrace(), told).toBe(false)
    skip(told.trim())
  }
  expect(code, told).toBe(0)
  const { histories } = JSON.parse(stdout) as Report
  console.log(
    histories.map(({ name, points, sites }) => `${name}: ${points} points, ${sites} sites`).join('\n'),
  )
  expect(histories.length).toBeGreaterThanOrEqual(3)
  for (const { name, points, missed, sites, fault, violations } of histories) {
    expect(violations, name).toEqual([])
    expect(fault, name).toBeNull()
    expect(points - missed, name).toBeGreaterThanOrEqual(8)
    expect(sites, name).toBeGreaterThanOrEqual(6)
  }
})

function isRoot(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0
}

function hasStrace(): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, 'strace')))
}
