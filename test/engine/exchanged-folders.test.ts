/** A program exchanges a folder and a link out of the project as fast as it can, while files and records change (R11). */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdirSync, openSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { times } from '../support/long.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const EXCHANGE = join(import.meta.dirname, '../support/exchange.py')
const SECRET = 'secret of somebody else'
/** A round is two syncs, and takes a quarter of a second where there is a processor for each. */
const ROUNDS = times({ short: 2, long: 120 })
const FILES = 12

function whyNotHere(): string | null {
  if (process.platform !== 'linux') return 'renameat2 is a call of Linux'
  return spawnSync('python3', ['--version']).status === 0 ? null : 'there is no python3'
}

function tree(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(entry => {
      const path = join(entry.parentPath, entry.name)
      return entry.isFile() ? `${path}: ${readFileSync(path, 'utf8')}` : path
    })
    .toSorted()
}

test(`R11 nothing comes or goes through a folder that is exchanged for a link all the time (${ROUNDS} rounds)`, async ({
  skip,
}) => {
  const reason = whyNotHere()
  if (reason !== null) return skip(reason)
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database)
  await using b = new MemoryDevice(database)
  await using elsewhere = new MemoryDevice(database)
  for (let n = 0; n < FILES; n++) a.write(`data/d/${n}.md`, `first ${n}\n`)
  await a.sync()
  await b.sync()
  // What the records know by name is there as well, and what they do not know.
  for (let n = 0; n < 2 * FILES; n++) writeFileSync(join(elsewhere.folder, `${n}.md`), SECRET)
  mkdirSync(join(elsewhere.folder, 'sub'))
  symlinkSync(elsewhere.folder, join(b.folder, 'link'))
  const outside = tree(elsewhere.folder)
  // What b's own programs write goes to the folder itself.
  const own = openSync(join(b.folder, 'data/d'), constants.O_RDONLY | constants.O_DIRECTORY)
  const ownFile = (n: number): string => `/proc/self/fd/${own}/${n}.md`

  const program = spawn('python3', [EXCHANGE, join(b.folder, 'data/d'), join(b.folder, 'link')])
  const said: string[] = []
  program.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text))
  await once(program.stdout, 'data')
  for (let round = 0; round < ROUNDS; round++) {
    a.write(`data/d/${round % FILES}.md`, `by a in round ${round}\n`)
    a.write(`data/d/${FILES + (round % FILES)}.md`, `new in round ${round}\n`)
    a.write(`data/d/sub/${round}.md`, `below, in round ${round}\n`)
    if (round > 0) a.remove(`data/d/sub/${round - 1}.md`)
    writeFileSync(ownFile((round + 3) % FILES), `by b in round ${round}\n`)
    await a.sync()
    await b.sync()
    expect(tree(elsewhere.folder)).toEqual(outside)
  }
  program.stdin.end()
  await once(program, 'close')
  closeSync(own)
  expect(Number(said.join('').trim().split('\n').at(-1))).toBeGreaterThan(100)

  rmSync(join(b.folder, 'link'))
  // The second one clears what the first has put aside.
  await b.sync()
  await b.sync()
  expect(tree(elsewhere.folder)).toEqual(outside)
  expect(tree(b.folder).filter(path => path.includes('_tmp-lockstep'))).toEqual([])
  expect([...tree(a.folder), ...tree(b.folder)].join('\n')).not.toContain(SECRET)
  expect(b.paths()).toEqual(expect.arrayContaining([...Array(FILES).keys()].map(n => `data/d/${n}.md`)))
}, 600_000)
