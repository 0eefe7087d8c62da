/** A million paths through all that decides about them (R10, R11). */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, normalize, sep } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deniedBy, deniesFolder } from '../../src/engine/core/denylist.ts'
import { pathFault } from '../../src/engine/core/path.ts'
import { compileRules } from '../../src/engine/core/rules.ts'
import { parseSyncConfig } from '../../src/engine/core/sync-config.ts'
import { noteFolder, noteRemoved } from '../support/orphans.ts'
import { times } from '../support/long.ts'
import { hostilePath, IGNORABLE } from './names.ts'

/** Paths for each run of the property. */
const BATCH = 50
const RUNS = times({ short: 10_000, long: 1_000_000 })
/** Files that are made for some of them. */
const WRITTEN = times({ short: 100, long: 10_000 })

function rulesOf(os: 'posix' | 'windows') {
  const parsed = parseSyncConfig(
    '{"syncFilePatterns":["**","!data/**/*.tmp"],"privateSyncFilePatterns":["**/*日*","**/*x*","**/!(x)*.md"]}',
  )
  if (!parsed.ok) throw new Error(parsed.reason)
  return compileRules({ config: parsed.config, os, userId: 'ann' })
}

test('R10 R11 what is accepted stays inside, can be a file, and is denied however it is spelled', () => {
  const rules = { posix: rulesOf('posix'), windows: rulesOf('windows') }
  const top = mkdtempSync(join(tmpdir(), 'lockstep-fuzz-'))
  noteFolder(top)
  const seen = { accepted: 0, refused: 0, denied: 0, shared: 0, private: 0, written: 0 }
  const check = (path: string, random: number): void => {
    const found = rules.posix.classify(path)
    const onWindows = rules.windows.classify(path)
    const entry = deniedBy(path)
    const others = spellings(path, random).filter(other => deniedBy(other) !== entry)
    if (others.length > 0) expect.fail(`${JSON.stringify(path)} and ${JSON.stringify(others)} differ`)
    for (let folder = dirname(path); folder.length > 1; folder = dirname(folder)) {
      const isPruned = rules.posix.prunes(folder)
      if (isPruned !== deniesFolder(folder) && found.kind === 'synced') expect.fail(`no scan finds ${path}`)
    }
    if (found.kind === 'unsafe') {
      seen.refused++
      // Windows refuses more, and nothing less.
      if (onWindows.kind !== 'unsafe') expect.fail(`Windows takes ${JSON.stringify(path)}`)
      return
    }
    seen.accepted++
    expect(normalize(path)).toBe(path)
    expect(join(top, path)).toBe(`${top}${sep}${path}`)
    expect([pathFault(path), found.kind === 'denied']).toEqual([null, entry !== null])
    if (found.kind === 'denied') seen.denied++
    if (found.kind !== 'synced') return
    seen[found.channel]++
    if (seen.written >= WRITTEN || process.platform !== 'linux') return
    seen.written++
    canBeAFile(join(top, String(seen.written)), path)
  }
  try {
    fc.assert(
      fc.property(
        fc.array(hostilePath, { minLength: BATCH, maxLength: BATCH }),
        fc.nat(),
        (paths, random) => {
          for (const path of paths) check(path, random)
        },
      ),
      { numRuns: RUNS / BATCH },
    )
  } finally {
    rmSync(top, { recursive: true, force: true })
    noteRemoved(top)
  }
  for (const [what, count] of Object.entries(seen))
    if (what !== 'written' || process.platform === 'linux') expect([what, count > 20]).toEqual([what, true])
})

/** What some file system takes for the same path. */
function spellings(path: string, random: number): string[] {
  const characters = Array.from(path)
  const unseen = IGNORABLE[random % IGNORABLE.length]!
  const ends = ['.', ' ', '. .', ''][random % 4]!
  return [
    path.toUpperCase(),
    path.toLowerCase(),
    characters.toSpliced(random % (characters.length + 1), 0, unseen).join(''),
    path
      .split('/')
      .map(name => name + ends)
      .join('/'),
  ]
}

function canBeAFile(root: string, path: string): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, path)
  expect(readFileSync(file, 'utf8')).toBe(path)
  expect(readdirSync(dirname(file))).toEqual([basename(path)])
}
