/**
 * `npm run demo`: two projects, a laptop's and a server's, kept in step through one SQLite file by two
 * engines that run as processes of their own. Edits both sides, shows what travels and how long it
 * takes, and compares the two at the end.
 *
 *   npm run demo              about ten seconds, exit 0 if all is as it should be
 *   npm run demo -- --keep    leaves the engines running until Ctrl-C, for edits by hand
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { styleText } from 'node:util'
import { Engine, cli, sleep, until } from './lib/engine.mjs'
import { differences, treeOf } from './lib/tree.mjs'

const keep = process.argv.includes('--keep')
const top = mkdtempSync(join(tmpdir(), 'lockstep-demo-'))
const folders = { laptop: join(top, 'laptop'), server: join(top, 'server') }
const home = join(top, 'home')

/** How long an edit may take to arrive before the demo has failed, in ms. */
const PATIENCE = 10_000
/** A person should be able to follow, in ms. */
const BREATH = 150

const PATTERNS = ['data/**/*.json', 'data/**/*.md', 'data/assets/**', '!data/cache/**']

const bold = text => style('bold', text)
const dim = text => style('dim', text)

/** @param {'bold' | 'dim' | 'green' | 'red'} format */
function style(format, text) {
  return styleText(format, text, { stream: process.stdout })
}

function say(text = '') {
  process.stdout.write(`${text}\n`)
}

const other = side => (side === 'laptop' ? 'server' : 'laptop')
const at = (side, path) => join(folders[side], path)

function put(side, path, content) {
  mkdirSync(dirname(at(side, path)), { recursive: true })
  writeFileSync(at(side, path), content)
}

function holds(side, path, content) {
  return existsSync(at(side, path)) && readFileSync(at(side, path)).equals(Buffer.from(content))
}

const json = value => `${JSON.stringify(value, null, 2)}\n`

function setUp() {
  mkdirSync(join(top, 'shared'))
  for (const side of /** @type {const} */ (['laptop', 'server'])) {
    put(side, 'package.json', json({ name: 'mail-agent', private: true }))
    put(side, 'data/sync-config.json', json({ syncFilePatterns: PATTERNS, privateSyncFilePatterns: [] }))
    put(
      side,
      '.env',
      '# One SQLite file for both. On two real machines this would be a database server.\nFILE_SYNC_SQLITE_PATH=../shared/sync.db\n',
    )
  }
  put(
    'laptop',
    'data/application-state/navigation.json',
    json({ view: 'inbox', threadId: null, filter: 'unread' }),
  )
  put('laptop', 'data/settings/agent.json', json({ model: 'default', tone: 'friendly', signature: 'Ann' }))
  put('laptop', 'data/learnings/replies.md', '# Learnings\n\n- Short replies are read, long ones are not.\n')
  put('laptop', 'data/notes/draft.md', '# Draft\n\nAsk Jo about the invoice.\n')
  put('laptop', 'data/credentials.json', json({ secret: 'this file never travels' }))
  put('server', 'data/jobs/nightly.json', json({ at: '02:00', task: 'summarise', lastRun: null }))
  put('server', 'data/notes/server.md', '# Server\n\nRuns the nightly summary.\n')
  put('server', 'data/notes/obsolete.md', '# Obsolete\n')
}

const NAVIGATION = 'data/application-state/navigation.json'
const LEARNINGS = 'data/learnings/replies.md'

/** What happens on which side, and how the other side must look afterwards. */
const EDITS = [
  edit(
    'laptop',
    'creates',
    'data/application-state/compose.json',
    json({ to: 'jo@example.com', subject: 'Invoice' }),
  ),
  edit('server', 'edits in place', NAVIGATION, json({ view: 'thread', threadId: 't-102', filter: 'unread' })),
  edit(
    'laptop',
    'saves by rename',
    LEARNINGS,
    '# Learnings\n\n- Short replies are read.\n- Ann signs with her first name.\n',
    saveByRename,
  ),
  edit(
    'server',
    'makes folders',
    'data/learnings/2026/may/week-1.md',
    '# Week 1\n\nThe nightly summary works.\n',
  ),
  edit(
    'server',
    'stores bytes',
    'data/assets/logo.bin',
    Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 151) % 256)),
  ),
  {
    side: 'laptop',
    verb: 'renames',
    path: 'data/notes/draft.md → invoice.md',
    act: rename,
    arrived: renamed,
  },
  { side: 'laptop', verb: 'deletes', path: 'data/notes/obsolete.md', act: remove, arrived: removed },
  { side: 'server', verb: '25 quick edits', path: 'data/jobs/nightly.json', act: hammer, arrived: hammered },
]

function edit(side, verb, path, content, write = put) {
  return {
    side,
    verb,
    path,
    act: () => write(side, path, content),
    arrived: () => holds(other(side), path, content),
  }
}

/** As most editors and careful programs do it. */
function saveByRename(side, path, content) {
  put(side, `${path}.new~`, content)
  renameSync(at(side, `${path}.new~`), at(side, path))
}

function rename() {
  renameSync(at('laptop', 'data/notes/draft.md'), at('laptop', 'data/notes/invoice.md'))
}

function renamed() {
  return existsSync(at('server', 'data/notes/invoice.md')) && !existsSync(at('server', 'data/notes/draft.md'))
}

function remove() {
  rmSync(at('laptop', 'data/notes/obsolete.md'))
}

function removed() {
  return !existsSync(at('server', 'data/notes/obsolete.md'))
}

const lastRun = n => json({ at: '02:00', task: 'summarise', lastRun: `run ${n}` })

async function hammer() {
  for (let n = 1; n <= 25; n++) {
    put('server', 'data/jobs/nightly.json', lastRun(n))
    await sleep(7)
  }
}

function hammered() {
  return holds('laptop', 'data/jobs/nightly.json', lastRun(25))
}

async function carryOut({ side, verb, path, act, arrived }) {
  await act()
  const latency = await until(arrived, `${path} to reach the ${other(side)}`, PATIENCE)
  const ms = `${latency.toFixed(0)} ms`.padStart(7)
  say(`  ${side.padEnd(6)}  ${verb.padEnd(15)} ${path.padEnd(40)} ${dim('→')} ${other(side)} ${bold(ms)}`)
  await sleep(BREATH)
  return latency
}

function compare() {
  const trees = { laptop: treeOf(folders.laptop), server: treeOf(folders.server) }
  for (const [path, { size, hash }] of trees.laptop) {
    const same = trees.server.get(path)?.hash === hash
    say(
      `  ${same ? style('green', '=') : style('red', '≠')} ${hash.slice(0, 12)} ${String(size).padStart(6)} B  ${path}`,
    )
  }
  const differing = differences(trees.laptop, trees.server)
  if (differing.length > 0) throw new Error(`the two sides differ in ${differing.join(', ')}`)
  if (existsSync(at('server', 'data/credentials.json'))) throw new Error('a denied file has travelled')
  return trees.laptop.size
}

function tellHowToGoOn() {
  const command = `node ${cli}`
  say()
  say(`Everything lies in ${bold(top)}. To go on by hand:`)
  say(`  cd ${top} && export LOCKSTEP_HOME=$PWD/home`)
  if (!keep) say(`  ${command} watch laptop      ${dim('# and in a second terminal: watch server')}`)
  say(`  ${command} status laptop`)
  say(`  ${command} history server`)
  say(`  ${command} explain laptop data/credentials.json`)
}

/** @param {Engine} engine */
function narrate(engine, side) {
  engine.onEvent = event => {
    if (event.type === 'file')
      say(`  ${side.padEnd(6)}  ${event.action.padEnd(13)} ${event.path}  ${dim(event.reason)}`)
    if (event.type === 'problem')
      say(`  ${side.padEnd(6)}  ${style('red', 'problem')} ${event.path ?? ''} ${event.message}`)
  }
}

const engines = []

async function main() {
  say(bold('Two projects of one app, one SQLite file, two engines.'))
  say(dim(`  ${folders.laptop}\n  ${folders.server}\n  ${join(top, 'shared', 'sync.db')}`))
  setUp()

  say(`\n${bold('Both engines start;')} each side has files that the other has not.`)
  const start = performance.now()
  for (const side of /** @type {const} */ (['laptop', 'server'])) {
    const engine = new Engine(folders[side], { LOCKSTEP_HOME: home })
    narrate(engine, side)
    engines.push(engine)
  }
  await until(
    () => differences(treeOf(folders.laptop), treeOf(folders.server)).length === 0,
    'the first sync',
  )
  for (const engine of engines) await engine.idle()
  say(
    `  in step after ${((performance.now() - start) / 1000).toFixed(1)} s, start of both processes included`,
  )
  for (const engine of engines) engine.onEvent = () => {}

  say(`\n${bold('Edits on both sides')}, and how long each takes to be in the other folder:`)
  await sleep(BREATH)
  const latencies = []
  for (const each of EDITS) latencies.push(await carryOut(each))
  const sorted = latencies.toSorted((a, b) => a - b)
  say(dim(`  the middle one took ${sorted[Math.floor(sorted.length / 2)]?.toFixed(0)} ms`))
  for (const engine of engines) await engine.idle()

  say(`\n${bold('Both folders at the end')}, by SHA-256:`)
  const count = compare()
  say(`  ${style('green', `${count} files, the same on both sides`)}; credentials.json stayed on the laptop`)

  if (keep) await keepRunning()
  for (const engine of engines) {
    const code = await engine.stop()
    if (code !== 0) throw new Error(`an engine ended with ${code}:\n${engine.stderr}`)
  }
  if (!keep) tellHowToGoOn()
}

async function keepRunning() {
  tellHowToGoOn()
  say(`\n${bold('The engines keep running.')} Edit something in either folder; Ctrl-C ends them.`)
  narrate(engines[0], 'laptop')
  narrate(engines[1], 'server')
  // The engines get the terminal's Ctrl-C as well and end in good order.
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}

try {
  await main()
} catch (error) {
  say(`\n${style('red', 'The demo has failed:')} ${error.message}`)
  for (const engine of engines) if (engine.stderr !== '') say(engine.stderr)
  say(`What is there lies in ${top}.`)
  for (const engine of engines) engine.child.kill('SIGKILL')
  process.exitCode = 1
}
