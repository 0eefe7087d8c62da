/**
 * `npm run bench -- --backend NAME`: a first sync, live edits and doing nothing over a local server of that
 * backend, in time and in calls, since a database that is paid for is paid by the call. The server takes its
 * share of this machine, so times are no promise for the real one; counts are.
 */
import { spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { registerHooks } from 'node:module'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BACKENDS } from '../../test/support/backends.ts'
import { Project } from '../../test/support/project.ts'
import { cli, Engine, sleep } from './engine.mjs'
import { differences, treeOf } from './tree.mjs'

/** Of each file, in bytes. */
const FILE_SIZE = 2_048
/** Files in one folder. */
const PER_FOLDER = 100
/** An edit that takes longer never comes, in ms. */
const PATIENCE = 60_000

// The functions for Convex import each other without an extension, as Convex's own bundler has it.
registerHooks({
  resolve(specifier, context, next) {
    const isBare = /^\.{1,2}\//.test(specifier) && !/\.[cm]?[jt]sx?$|\.json$/.test(specifier)
    return next(
      isBare && context.parentURL?.includes('/convex/functions/') ? `${specifier}.ts` : specifier,
      context,
    )
  },
})

/** @param {{ backend: string, files: number, edits: number, idleSeconds: number, folder: string, json: boolean }} options */
export async function benchBackend({ backend, files, edits, idleSeconds, folder, json }) {
  const start = BACKENDS[backend]
  if (start === undefined) {
    const known = ['drizzle', ...Object.keys(BACKENDS)].join(', ')
    process.stderr.write(`There is no backend ${backend} to measure. Use one of ${known}.\n`)
    process.exitCode = 2
    return
  }
  const top = realpathSync(mkdtempSync(join(folder, `lockstep-bench-${backend}-`)))
  const server = await start(top)
  try {
    const a = await makeProject('a', top, server)
    const b = await makeProject('b', top, server)
    for (let n = 0; n < files; n++) a.write(pathOf(n), content(n))
    say(`${backend}: ${files.toLocaleString('en-US')} files of 2 KB, in ${top}`)
    const push = await counted(server, () => sync(a))
    const pull = await counted(server, () => sync(b))
    expectEqual(a, b)
    say('two engines live …')
    const engines = [a, b].map(project => new Engine(project.folder, project.env))
    try {
      for (const engine of engines) await engine.idle()
      const live = await measureLive(server, engines, { a, b, files, edits })
      expectEqual(a, b)
      say(`${idleSeconds} s of nothing …`)
      await sleep(2_000)
      const idle = await counted(server, () => sleep(idleSeconds * 1_000))
      report({ backend, unit: server.unit, files, edits, idleSeconds, push, pull, live, idle }, json)
    } finally {
      for (const engine of engines) await engine.stop()
    }
  } finally {
    await server.close()
    rmSync(top, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function makeProject(name, top, server) {
  const project = new Project(name, join(top, name), { LOCKSTEP_HOME: join(top, `home-${name}`) })
  mkdirSync(project.folder)
  project.write('package.json', '{ "name": "bench" }\n')
  project.configure({ syncFilePatterns: ['data/**/*.json'] })
  await server.connect(project)
  return project
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

/** Not `spawnSync`: a server may live in this very process. */
async function sync(project) {
  const child = spawn(process.execPath, [cli, 'sync', project.folder, '--json'], {
    env: { ...process.env, ...project.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', chunk => (output += chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`lockstep sync ${project.folder} ended with ${code}: ${output}`)
}

/** How long the work took in ms, and how many calls it made: null where nobody counts. */
async function counted(server, work) {
  const before = await server.calls()
  const start = performance.now()
  await work()
  const ms = performance.now() - start
  const after = await server.calls()
  return { ms, calls: before === null || after === null ? null : after - before }
}

/** One edit after the other, from a write in one folder to the same content in the other. */
async function measureLive(server, engines, { a, b, files, edits }) {
  const latencies = []
  let calls = 0
  for (let n = 0; n < edits; n++) {
    const path = pathOf(randomInt(files))
    const text = content(0)
    const edit = await counted(server, async () => {
      const start = performance.now()
      writeFileSync(a.at(path), text)
      await arrival(b.at(path), text)
      latencies.push(performance.now() - start)
      for (const engine of engines) await engine.idle()
    })
    calls += edit.calls ?? Number.NaN
    await sleep(randomInt(20, 120))
  }
  return { latencies, calls: Number.isNaN(calls) ? null : calls }
}

async function arrival(path, text) {
  const deadline = performance.now() + PATIENCE
  while (readFileSync(path, 'utf8') !== text) {
    if (performance.now() > deadline) throw new Error(`an edit of ${path} never arrived`)
    await sleep(2)
  }
}

function expectEqual(a, b) {
  const differing = differences(treeOf(a.folder), treeOf(b.folder))
  if (differing.length > 0) throw new Error(`${differing.length} files differ, the first is ${differing[0]}`)
}

function quantile(numbers, q) {
  const sorted = numbers.toSorted((x, y) => x - y)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

function report({ backend, unit, files, edits, idleSeconds, push, pull, live, idle }, json) {
  const [p50, p95] = [quantile(live.latencies, 0.5), quantile(live.latencies, 0.95)]
  const each = (calls, count, digits) => (calls === null ? null : Number((calls / count).toFixed(digits)))
  const figures = {
    backend,
    unit,
    files,
    edits,
    idleSeconds,
    pushMs: Math.round(push.ms),
    pushCallsPerFile: each(push.calls, files, 4),
    pullMs: Math.round(pull.ms),
    pullCallsPerFile: each(pull.calls, files, 4),
    liveP50Ms: Math.round(p50),
    liveP95Ms: Math.round(p95),
    liveCallsPerEdit: each(live.calls, edits, 2),
    idleCallsPerMinute: each(idle.calls, (2 * idleSeconds) / 60, 2),
  }
  if (json) {
    process.stdout.write(`${JSON.stringify(figures)}\n`)
    return
  }
  const calls = (value, of) => (value === null ? 'nobody counts its calls' : `${value} ${unit} ${of}`)
  const lines = [
    ['first sync, send', `${(push.ms / 1_000).toFixed(2)} s`, calls(figures.pushCallsPerFile, 'a file')],
    ['first sync, receive', `${(pull.ms / 1_000).toFixed(2)} s`, calls(figures.pullCallsPerFile, 'a file')],
    ['live edit, p50', `${p50.toFixed(0)} ms`, calls(figures.liveCallsPerEdit, 'an edit, both devices')],
    ['live edit, p95', `${p95.toFixed(0)} ms`, ''],
    [
      'idle',
      '',
      calls(figures.idleCallsPerMinute, 'a minute and device; aim: 2 at most, none where the feed is live'),
    ],
  ]
  for (const [name = '', value = '', text = ''] of lines)
    process.stdout.write(`${name.padEnd(20)}${value.padStart(10)}  ${text}\n`)
}

function say(text) {
  process.stderr.write(`${text}\n`)
}
