/**
 * Writes into files at the very moment at which sync replaces or deletes them, and accounts for each write:
 * it must be in the file, in the database, in a conflict record or in the history (R1).
 *
 * The engine is the real one, `lockstep watch` on real files; the records are changed in the database as
 * another device changes them; a program of its own follows the engine from file to file and writes.
 *
 *   --tries N    how many writes (10,000), shared out evenly between replacing and deleting, in place and by rename
 *   --seed N     of the moments (1)
 *   --aim gap    writes by rename only, and only in the gap that remains: between the engine's last look at a
 *                file and its rename over it. No program does that; it shows what the gap costs.
 *   --folder F   on which disk (the system's temporary folder)
 *   --json       one JSON document at the end, instead of the table
 *
 * Exit code 1 where a write is lost that the design promises to keep: all but those in the gap.
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import Sqlite from 'better-sqlite3'
import { cli, Engine, until } from './lib/engine.mjs'

const { values: flags } = parseArgs({
  options: {
    tries: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    aim: { type: 'string', default: 'around' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
})
const wanted = Number(flags.tries)
const isGap = flags.aim === 'gap'

/** Files that one round replaces or deletes, and files that stay, so that a short run holds nothing back. */
const TARGETS = 200
const OTHERS = 500
/** Without a word of the engine, in ms. What it has yet to look at again, 250 ms after the change, lies there meanwhile. */
const REST = 200
const PATIENCE = 60_000

/** @typedef {'replaced' | 'deleted'} What @typedef {'in place' | 'by rename'} How */
/** @type {{ what: What, how: How }[]} */
const KINDS = isGap
  ? [{ what: 'replaced', how: 'by rename' }]
  : [
      { what: 'replaced', how: 'in place' },
      { what: 'replaced', how: 'by rename' },
      { what: 'deleted', how: 'in place' },
      { what: 'deleted', how: 'by rename' },
    ]
const PLACES = /** @type {const} */ (['file', 'database', 'conflict', 'history', 'lost'])

const top = realpathSync(mkdtempSync(join(flags.folder, 'lockstep-late-')))
const project = join(top, 'project')
const environment = { LOCKSTEP_HOME: join(top, 'home') }
const targets = Array.from({ length: TARGETS }, (_, n) => `data/late/${String(n).padStart(4, '0')}.md`)
const at = path => join(project, path)

/** Every write, where it was first found: in the file or the database at once, or only in what the engine keeps. */
const writes = []
let serial = 0

function makeProject() {
  mkdirSync(at('data/late'), { recursive: true })
  mkdirSync(at('data/others'))
  writeFileSync(at('data/sync-config.json'), '{ "syncFilePatterns": ["data/**/*.md"] }\n')
  writeFileSync(at('.env'), 'FILE_SYNC_APP_ID=late\nFILE_SYNC_SQLITE_PATH=../sync.db\n')
  for (let n = 0; n < OTHERS; n++) writeFileSync(at(`data/others/${n}.md`), `other ${n}\n`)
  for (const path of targets) writeFileSync(at(path), `first ${path}\n`)
}

/** @returns {Map<string, string>} content by path */
function recordsIn(database) {
  const rows = database.prepare(`SELECT path, content FROM files WHERE path LIKE 'data/late/%'`).all()
  return new Map(rows.map(({ path, content }) => [path, content]))
}

/** As another device does it: all in one transaction. */
function change(database, what) {
  const version = Date.now()
  const set = database.prepare(
    `UPDATE files SET content = ?, last_updated = max(?, last_updated + 1) WHERE path = ?`,
  )
  const remove = database.prepare('DELETE FROM files WHERE path = ?')
  database.transaction(() => {
    for (const path of targets) {
      if (what === 'deleted') remove.run(path)
      else set.run(`theirs ${++serial}\n`, version, path)
    }
  })()
}

function contentOf(path) {
  try {
    return readFileSync(at(path), 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

const hasTemporaries = () => readdirSync(at('data/late')).some(name => name.startsWith('_tmp-lockstep-'))

/** Nothing has happened for a while, and nothing is left to do but for a person. */
async function atRest(engine) {
  let since = performance.now()
  engine.onEvent = () => (since = performance.now())
  const isResting = () => {
    if (engine.child.exitCode !== null) throw new Error(`the engine has ended early:\n${engine.stderr}`)
    const { state, pending } = engine.status
    const isDone = (state === 'idle' || state === 'held') && pending === 0 && !hasTemporaries()
    return isDone && performance.now() - since > REST
  }
  await until(isResting, 'the engine to rest', PATIENCE)
  engine.onEvent = () => {}
}

/** Where the engine holds back so many changes at once, a person says that they are meant (R8). */
async function approveIfHeld(engine, isDone) {
  await until(() => isDone() || engine.status.state === 'held', 'the engine to begin', PATIENCE)
  if (engine.status.state === 'held') await ask('approve')
}

/** One command, and what it prints as JSON. */
async function ask(command, ...args) {
  const child = spawn(process.execPath, [cli, command, project, ...args, '--json'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  // 3: a person is needed, which is so as long as there are conflicts.
  if (code !== 0 && code !== 3) throw new Error(`lockstep ${command} ended with ${code}`)
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '')
}

/** Not each round meets as many moments as another. */
function rarestKind() {
  const counts = KINDS.map(kind => ({ kind, count: writes.filter(write => write.kind === kind).length }))
  return counts.reduce((rarest, each) => (each.count < rarest.count ? each : rarest))
}

/** Enough of all, and of each kind some, however many moments the rounds meet on this machine. */
function areEnough() {
  return writes.length >= wanted && rarestKind().count >= wanted / (4 * KINDS.length)
}

async function playRound(engine, writer, database, kind, round) {
  const order = {
    how: kind.how,
    aim: isGap ? 'gap' : 'around',
    seed: Number(flags.seed) * 100_000 + round,
    files: targets.map(path => ({ path: at(path), content: `mine ${++serial}\n` })),
  }
  const answered = once(writer, 'message')
  writer.send(order)
  await answered
  const written = once(writer, 'message')
  let isOver = false
  void written.then(() => (isOver = true))
  change(database, kind.what)
  await approveIfHeld(engine, () => isOver)
  const [indices = []] = await written
  await atRest(engine)
  account(
    database,
    kind,
    indices.map(index => ({ path: targets[index], content: order.files[index]?.content })),
  )
  await tidyUp(engine, database)
}

function account(database, kind, made) {
  const records = recordsIn(database)
  for (const { path, content } of made) {
    const place = contentOf(path) === content ? 'file' : records.get(path) === content ? 'database' : null
    writes.push({ kind, content, place })
  }
}

/** Ends the conflicts by taking the record's content, and makes the deleted files anew. */
async function tidyUp(engine, database) {
  const records = recordsIn(database)
  for (const path of targets) {
    const content = records.get(path) ?? `again ${++serial}\n`
    if (contentOf(path) !== content) writeFileSync(at(path), content)
  }
  // A busy engine may not have heard of it yet, and rest.
  await until(() => isInStep(database), 'both sides to be in step after a round', PATIENCE)
  await atRest(engine)
}

function isInStep(database) {
  const now = recordsIn(database)
  return targets.every(path => contentOf(path) === now.get(path))
}

/** What was in no file and no record must be in what the engine keeps for a person. */
async function accountForTheRest() {
  const conflicts = await ask('conflicts')
  const history = await ask('history', '--contents')
  const inConflicts = new Set(
    conflicts.flatMap(({ base, local, remote }) => [base, local, remote].map(side => side?.content)),
  )
  const inHistory = new Set(history.map(({ content }) => content))
  for (const write of writes) {
    if (write.place !== null) continue
    const { content } = write
    write.place = inConflicts.has(content) ? 'conflict' : inHistory.has(content) ? 'history' : 'lost'
  }
  // Written into the old file after it was replaced or removed: the engine has found it by its second name.
  const recovered = new Set(
    history.filter(({ reason }) => reason === 'recovered').map(({ content }) => content),
  )
  for (const write of writes) write.isLate = recovered.has(write.content)
}

function report(ms) {
  const rows = KINDS.map(kind => {
    const these = writes.filter(write => write.kind === kind)
    const counts = Object.fromEntries(
      PLACES.map(place => [place, these.filter(write => write.place === place).length]),
    )
    const late = these.filter(({ isLate }) => isLate).length
    return { ...kind, tries: these.length, ...counts, lost: counts.lost ?? 0, late }
  })
  return { seed: Number(flags.seed), aim: flags.aim, tries: writes.length, ms: Math.round(ms), rows }
}

function print(result) {
  if (flags.json) return console.log(JSON.stringify(result))
  const { tries, ms } = result
  console.log(
    `${tries} writes (seed ${flags.seed}, aim ${flags.aim}) in ${(ms / 1000).toFixed(0)} s, found in:\n`,
  )
  const columns = ['tries', ...PLACES, 'late']
  console.log(`${''.padEnd(20)}${columns.map(name => name.padStart(10)).join('')}`)
  for (const row of result.rows) {
    console.log(
      `${`${row.what} ${row.how}`.padEnd(20)}${columns.map(name => String(row[name]).padStart(10)).join('')}`,
    )
  }
  console.log('\nlate: went into the old file after it had been replaced or removed, and was found there.')
}

makeProject()
const engine = new Engine(project, environment)
const writer = fork(join(import.meta.dirname, 'lib', 'late-writer.mjs'))
try {
  const start = performance.now()
  await atRest(engine)
  const database = new Sqlite(join(top, 'sync.db'), { timeout: 30_000 })
  for (let round = 0; !areEnough(); round++) {
    await playRound(engine, writer, database, rarestKind().kind, round)
  }
  database.close()
  await accountForTheRest()
  const result = report(performance.now() - start)
  print(result)
  // By rename, in the gap before the engine's own rename: docs/decisions/0004.
  const isPromised = ({ what, how }) => what === 'deleted' || how === 'in place'
  process.exitCode = result.rows.some(row => isPromised(row) && row.lost > 0) ? 1 : 0
} finally {
  writer.kill()
  const code = await engine.stop()
  if (code !== 0) console.error(`the engine ended with ${code}:\n${engine.stderr}`)
  rmSync(top, { recursive: true, force: true, maxRetries: 5 })
}
