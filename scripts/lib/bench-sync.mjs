/**
 * What a first sync, a restart, a live edit and doing nothing cost, beside the physical floor for the same work,
 * measured in the same run on the same disk.
 */
import { spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { below, median, megabytes, milliseconds, percent, quantile, seconds } from './bench-lines.mjs'
import { Engine, cli, sleep } from './engine.mjs'
import { pullFloor, pushFloor } from './floor.mjs'
import { cpuTime, peakMemory } from './process-usage.mjs'
import { differences, treeOf } from './tree.mjs'

/** Of each file, in bytes. */
const FILE_SIZE = 2048
/** Files in one folder. */
const PER_FOLDER = 100
/** Start-up that push and pull may take beyond twice the floor, in ms. */
const START_UP = 500
/** Of a process. */
const LARGEST_BYTES = 200 * 2 ** 20
/** For one edit to arrive, in ms. */
const PATIENCE = 20_000

/**
 * @param {object} options
 * @param {number} options.files of 2 KB
 * @param {number} options.runs how often the syncs are measured; medians are shown
 * @param {number} options.edits
 * @param {number} options.idleSeconds
 * @param {string} options.folder on which disk
 * @returns {Promise<import('./bench-lines.mjs').Line[]>}
 */
export async function measureSync({ files, runs, edits, idleSeconds, folder }) {
  const top = mkdtempSync(join(folder, 'lockstep-bench-'))
  say(`${files.toLocaleString('en-US')} files of 2 KB, in ${top}`)
  try {
    const syncs = []
    for (let run = 1; run <= runs; run++) {
      say(`  run ${run} of ${runs}: push, pull, restart …`)
      syncs.push(await measureSyncs(join(top, `run-${run}`), files))
    }
    say('  two engines live …')
    return judge(syncs, await measureLive(join(top, `run-${runs}`), files, edits, idleSeconds))
  } finally {
    rmSync(top, { recursive: true, force: true })
  }
}

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

function makeFiles(folder, files) {
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

async function measureSyncs(top, files) {
  const [a, b, home] = ['a', 'b', 'home'].map(name => join(top, name))
  makeProject(a)
  makeProject(b)
  makeFiles(a, files)
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

async function measureLive(top, files, edits, idleSeconds) {
  const [a, b, home] = ['a', 'b', 'home'].map(name => join(top, name))
  const engines = [a, b].map(folder => new Engine(folder, { LOCKSTEP_HOME: home }))
  try {
    for (const engine of engines) await engine.idle()
    say(`  ${edits} edits …`)
    const latencies = []
    for (let n = 0; n < edits; n++) {
      latencies.push(await measureEdit(a, b, pathOf(randomInt(files))))
      await sleep(randomInt(20, 120))
    }
    for (const engine of engines) await engine.idle()
    expectEqual(a, b)
    say(`  ${idleSeconds} s of nothing …`)
    const idle = await measureIdle(engines, idleSeconds)
    const peak = Math.max(...engines.map(engine => peakMemory(engine.pid) ?? 0))
    return { latencies, idle, peak }
  } finally {
    for (const engine of engines) await engine.stop()
  }
}

/** From a write in one folder to the same content in the other, in ms. */
async function measureEdit(a, b, path) {
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
      PATIENCE,
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
async function measureIdle(engines, seconds) {
  await sleep(2_000)
  const before = engines.map(engine => cpuTime(engine.pid) ?? 0)
  const start = performance.now()
  await sleep(seconds * 1000)
  const elapsed = performance.now() - start
  return Math.max(
    ...engines.map((engine, i) => (((cpuTime(engine.pid) ?? 0) - (before[i] ?? 0)) / elapsed) * 100),
  )
}

function judge(syncs, live) {
  const of = name => median(syncs.map(each => each[name]))
  const beside = name => {
    const [ours, floor] = [of(name), of(`${name}Floor`)]
    const aim = 2 * floor + START_UP
    const text = `floor ${seconds(floor)}, ${(ours / floor).toFixed(1)} times; aim: 2 times + 0.5 s = ${seconds(aim)}`
    return { name, value: seconds(ours), ours, floor, aim, met: ours <= aim, text }
  }
  return [
    beside('push'),
    beside('pull'),
    below('restart', of('restart'), 1000, seconds),
    below('live edit, p50', median(live.latencies), 120, milliseconds),
    below('live edit, p95', quantile(live.latencies, 0.95), 300, milliseconds),
    below('idle CPU', live.idle, 0.5, percent),
    below('peak memory, sync', Math.max(...syncs.map(({ peak }) => peak)), LARGEST_BYTES, megabytes),
    below('peak memory, watch', live.peak, LARGEST_BYTES, megabytes),
  ]
}
