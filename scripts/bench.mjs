/**
 * `npm run bench`: what a first sync, a restart, a live edit and doing nothing cost, beside the physical
 * floor for the same work, measured in the same run on the same disk.
 *
 *   --files N      how many files of 2 KB (10,000)
 *   --runs N       how often the syncs are measured; medians are shown (3)
 *   --edits N      how many live edits (200)
 *   --idle S       how many seconds of doing nothing (30)
 *   --folder F     on which disk (the system's temporary folder)
 *   --json         one JSON document at the end, instead of the table
 *   --backend B    on a local server of custom, firestore, supabase or convex instead (bench-backend.mjs)
 */
import { spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Engine, cli, sleep } from './lib/engine.mjs'
import { pullFloor, pushFloor } from './lib/floor.mjs'
import { cpuTime, peakMemory } from './lib/process-usage.mjs'
import { differences, treeOf } from './lib/tree.mjs'

const { values: flags } = parseArgs({
  options: {
    files: { type: 'string' },
    runs: { type: 'string', default: '3' },
    edits: { type: 'string' },
    idle: { type: 'string' },
    backend: { type: 'string', default: 'drizzle' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
})
const files = Number(flags.files ?? 10_000)
const runs = Number(flags.runs)
const edits = Number(flags.edits ?? 200)
const idleSeconds = Number(flags.idle ?? 30)

/** Of each file, in bytes. */
const FILE_SIZE = 2048
/** Files in one folder. */
const PER_FOLDER = 100
/** Start-up that push and pull may take beyond twice the floor, in ms. */
const START_UP = 500

const MB = 2 ** 20

function say(text) {
  process.stderr.write(`${text}\n`)
}

const pathOf = n => `data/part-${String(Math.floor(n / PER_FOLDER)).padStart(3, '0')}/state-${n}.json`

/** Valid JSON of exactly FILE_SIZE bytes, different each time. */
function content(n) {
  const text = JSON.stringify({ n, at: Date.now(), filler: '' })
  const filler = randomBytes(FILE_SIZE)
    .toString('base64url')
    .slice(0, FILE_SIZE - text.length)
  return text.replace('"filler":""', `"filler":"${filler}"`)
}

function makeProject(folder) {
  mkdirSync(join(folder, 'data'), { recursive: true })
  writeFileSync(join(folder, 'data', 'sync-config.json'), '{ "syncFilePatterns": ["data/**/*.json"] }\n')
  writeFileSync(join(folder, '.env'), 'FILE_SYNC_APP_ID=bench\nFILE_SYNC_SQLITE_PATH=../sync.db\n')
}

function makeFiles(folder) {
  for (let n = 0; n < files; n++) {
    if (n % PER_FOLDER === 0) mkdirSync(join(folder, pathOf(n), '..'), { recursive: true })
    writeFileSync(join(folder, pathOf(n)), content(n))
  }
}

/** Runs `lockstep sync` as a person would; time from start to exit in ms, peak memory in bytes. */
async function sync(folder, home) {
  const start = performance.now()
  const child = spawn(process.execPath, [cli, 'sync', folder, '--json'], {
    env: { ...process.env, LOCKSTEP_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', chunk => (output += chunk))
  let peak = 0
  const sampler = setInterval(() => (peak = Math.max(peak, peakMemory(child.pid) ?? 0)), 10)
  const [code] = await once(child, 'exit')
  clearInterval(sampler)
  const ms = performance.now() - start
  if (code !== 0) throw new Error(`lockstep sync ${folder} ended with ${code}: ${output}`)
  return { ms, peak }
}

function expectEqual(a, b) {
  const differing = differences(treeOf(a), treeOf(b))
  if (differing.length > 0) throw new Error(`${differing.length} files differ, the first is ${differing[0]}`)
}

async function measureSyncs(top) {
  const [a, b, home] = ['a', 'b', 'home'].map(name => join(top, name))
  makeProject(a)
  makeProject(b)
  makeFiles(a)
  // The floor goes first: whatever the disk's cache gains by it is ours as little as its own.
  const pushFloorMs = pushFloor(a, join(top, 'floor.db'))
  const push = await sync(a, home)
  const pullFloorMs = pullFloor(join(top, 'floor'), join(top, 'floor.db'))
  const pull = await sync(b, home)
  expectEqual(a, b)
  const restarts = [await sync(a, home), await sync(b, home)]
  return {
    push: push.ms,
    pushFloor: pushFloorMs,
    pull: pull.ms,
    pullFloor: pullFloorMs,
    restart: Math.max(...restarts.map(({ ms }) => ms)),
    peak: Math.max(push.peak, pull.peak, ...restarts.map(({ peak }) => peak)),
  }
}

async function measureLive(top) {
  const [a, b, home] = ['a', 'b', 'home'].map(name => join(top, name))
  const engines = [a, b].map(folder => new Engine(folder, { LOCKSTEP_HOME: home }))
  try {
    for (const engine of engines) await engine.idle()
    say(`  ${edits} edits …`)
    const latencies = []
    for (let n = 0; n < edits; n++) {
      latencies.push(await measureEdit(a, b))
      await sleep(randomInt(20, 120))
    }
    for (const engine of engines) await engine.idle()
    expectEqual(a, b)
    say(`  ${idleSeconds} s of nothing …`)
    const idle = await measureIdle(engines)
    const peak = Math.max(...engines.map(engine => peakMemory(engine.pid) ?? 0))
    return { latencies, idle, peak }
  } finally {
    for (const engine of engines) await engine.stop()
  }
}

/** From a write in one folder to the same content in the other, in ms. */
async function measureEdit(a, b) {
  const path = pathOf(randomInt(files))
  const text = content(0)
  const arrived = arrival(join(b, path), text)
  const start = performance.now()
  writeFileSync(join(a, path), text)
  return (await arrived) - start
}

/** Resolves with the time at which the file holds the text. Told by the system, and looked for in between. */
function arrival(path, text) {
  return new Promise((done, fail) => {
    const look = () => {
      if (readFileSync(path, 'utf8') === text) finish(() => done(performance.now()))
    }
    const watcher = watch(join(path, '..'), look)
    const poll = setInterval(look, 10)
    const timeout = setTimeout(
      () => finish(() => fail(new Error(`an edit of ${path} never arrived`))),
      20_000,
    )
    const finish = end => {
      watcher.close()
      clearInterval(poll)
      clearTimeout(timeout)
      end()
    }
  })
}

/** The share of one core that the busier engine takes, in percent. */
async function measureIdle(engines) {
  await sleep(2_000)
  const before = engines.map(engine => cpuTime(engine.pid) ?? 0)
  const start = performance.now()
  await sleep(idleSeconds * 1000)
  const elapsed = performance.now() - start
  return Math.max(
    ...engines.map((engine, i) => (((cpuTime(engine.pid) ?? 0) - (before[i] ?? 0)) / elapsed) * 100),
  )
}

function quantile(numbers, q) {
  const sorted = numbers.toSorted((x, y) => x - y)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

const median = numbers => quantile(numbers, 0.5)

function judge(syncs, live) {
  const of = name => median(syncs.map(each => each[name]))
  const seconds = ms => `${(ms / 1000).toFixed(2)} s`
  const beside = name => {
    const [ours, floor] = [of(name), of(`${name}Floor`)]
    const aim = 2 * floor + START_UP
    const text = `floor ${seconds(floor)}, ${(ours / floor).toFixed(1)} times; aim: 2 times + 0.5 s = ${seconds(aim)}`
    return { name, value: seconds(ours), ours, floor, aim, met: ours <= aim, text }
  }
  const below = (name, ours, aim, format) => ({
    name,
    value: format(ours),
    ours,
    aim,
    met: ours < aim,
    text: `aim: under ${format(aim)}`,
  })
  const ms = n => `${n.toFixed(0)} ms`
  const megabytes = n => `${(n / MB).toFixed(0)} MB`
  const percent = n => `${n.toFixed(2)} %`
  return [
    beside('push'),
    beside('pull'),
    below('restart', of('restart'), 1000, seconds),
    below('live edit, p50', median(live.latencies), 120, ms),
    below('live edit, p95', quantile(live.latencies, 0.95), 300, ms),
    below('idle CPU', live.idle, 0.5, percent),
    below('peak memory, sync', Math.max(...syncs.map(({ peak }) => peak)), 200 * MB, megabytes),
    below('peak memory, watch', live.peak, 200 * MB, megabytes),
  ]
}

function report(lines) {
  const width = Math.max(...lines.map(({ name }) => name.length))
  for (const { name, value, met, text } of lines) {
    process.stdout.write(
      `${name.padEnd(width)}  ${value.padStart(8)}  ${met ? 'met   ' : 'missed'}  ${text}\n`,
    )
  }
}

async function main() {
  const top = mkdtempSync(join(flags.folder, 'lockstep-bench-'))
  say(
    `${files.toLocaleString('en-US')} files of 2 KB, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, in ${top}`,
  )
  try {
    const syncs = []
    for (let run = 1; run <= runs; run++) {
      say(`run ${run} of ${runs}: push, pull, restart …`)
      syncs.push(await measureSyncs(join(top, `run-${run}`)))
    }
    say('two engines live …')
    const live = await measureLive(join(top, `run-${runs}`))
    const lines = judge(syncs, live)
    if (flags.json)
      process.stdout.write(`${JSON.stringify({ files, runs, edits, idleSeconds, lines, syncs })}\n`)
    else report(lines)
  } finally {
    rmSync(top, { recursive: true, force: true })
  }
}

if (flags.backend === 'drizzle') await main()
else {
  const { benchBackend } = await import('./lib/bench-backend.mjs')
  await benchBackend({
    backend: flags.backend,
    files: Number(flags.files ?? 5_000),
    edits: Number(flags.edits ?? 100),
    idleSeconds: Number(flags.idle ?? 60),
    folder: flags.folder,
    json: flags.json,
  })
}
