import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

/** `npm run merge:compare` itself: it has to find merges, and to tell equal from different. */

const script = join(import.meta.dirname, '../../scripts/compare-merges.mjs')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-compare-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=someone', '-c', 'user.email=someone@example.com']
  execFileSync('git', ['-C', folder, ...identity, ...args], { stdio: 'pipe' })
}

function commit(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  git('add', '.')
  git('commit', '--quiet', '-m', 'files')
}

function compare(...args: string[]): { status: number | null; report: Record<string, unknown> } {
  const { status, stdout } = spawnSync(process.execPath, [script, ...args, '--json'], { encoding: 'utf8' })
  return { status, report: JSON.parse(stdout) as Record<string, unknown> }
}

const numbers = Array.from({ length: 20 }, (_, n) => `${n}\n`)
const textWith = (at: number, line: string): string => numbers.with(at, `${line}\n`).join('')

test('R5 merges recorded in git are compared', () => {
  git('init', '--quiet', '--initial-branch=main')
  commit({ 'apart.txt': numbers.join(''), 'same.txt': numbers.join(''), 'one.txt': 'a\n' })
  git('checkout', '--quiet', '-b', 'side')
  commit({ 'apart.txt': textWith(3, 'theirs'), 'same.txt': textWith(9, 'theirs') })
  git('checkout', '--quiet', 'main')
  commit({ 'apart.txt': textWith(15, 'ours'), 'same.txt': textWith(9, 'ours'), 'one.txt': 'b\n' })
  git('merge', '--quiet', '--strategy-option=ours', '-m', 'merge', 'side')
  const { status, report } = compare(folder)
  expect(report).toMatchObject({ compared: 2, counts: { equal: 1, conflict: 1, different: 0, looser: 0 } })
  expect(status).toBe(0)
})

test('R5 random edits of a folder’s texts are compared, the same with the same seed', () => {
  mkdirSync(join(folder, 'notes'))
  writeFileSync(join(folder, 'notes', 'a.md'), numbers.join('\n'))
  const args = ['--synthetic', folder, '--each', '20', '--seed', '3']
  const { status, report } = compare(...args)
  expect(report).toMatchObject({
    source: 'synthetic: random edits, seed 3',
    compared: 20,
    counts: { different: 0 },
  })
  expect({ ...compare(...args).report, ms: null }).toEqual({ ...report, ms: null })
  expect(status).toBe(0)
})
