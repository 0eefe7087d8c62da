/**
 * `npm run bench`: what Lockstep costs in time, memory and processor, each figure beside a reference that was
 * measured in the same run. Tests count work instead, since a machine may be slow; here a person looks.
 *
 *   --only P,P     only these parts: sync, engine, feed, loop, core, page (all)
 *   --files N      how many files of 2 KB a first sync has (10,000)
 *   --runs N       how often the syncs are measured; medians are shown (3)
 *   --edits N      how many live edits (200)
 *   --idle S       how many seconds of doing nothing (30)
 *   --folder F     on which disk (the system's temporary folder)
 *   --json         one JSON document at the end, instead of the table
 *   --backend B    on a local server of custom, firestore, supabase or convex instead (bench-backend.mjs)
 */
import { cpus, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

/** @import { Line } from './lib/bench-lines.mjs' */

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    files: { type: 'string' },
    runs: { type: 'string', default: '3' },
    edits: { type: 'string' },
    idle: { type: 'string' },
    backend: { type: 'string', default: 'drizzle' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
})

/** Each loads what it needs when it is measured. @type {Record<string, { what: string, measure: () => Promise<Line[]> }>} */
const PARTS = {
  sync: {
    what: 'first sync, restart, live edits, idle',
    measure: async () =>
      (await import('./lib/bench-sync.mjs')).measureSync({
        files: Number(flags.files ?? 10_000),
        runs: Number(flags.runs),
        edits: Number(flags.edits ?? 200),
        idleSeconds: Number(flags.idle ?? 30),
        folder: flags.folder,
      }),
  },
  engine: {
    what: 'an engine as a process',
    measure: async () => (await import('./lib/bench-engine.mjs')).measureEngine(),
  },
  feed: {
    what: 'what the database tells',
    measure: async () => (await import('./lib/bench-feed.mjs')).measureFeed(),
  },
  loop: {
    what: 'how long the event loop stands still',
    measure: async () => (await import('./lib/bench-loop.mjs')).measureLoop(),
  },
  core: {
    what: 'merges, differences, patterns',
    measure: async () => (await import('./lib/bench-core.mjs')).measureCore(),
  },
  page: {
    what: 'the interface in Chromium',
    measure: async () => (await import('./lib/bench-page.mjs')).measurePage(),
  },
}

async function main() {
  const names = flags.only?.split(',') ?? Object.keys(PARTS)
  const unknown = names.filter(name => PARTS[name] === undefined)
  if (unknown.length > 0) {
    process.stderr.write(
      `There is no part ${unknown.join(', ')}. Use some of ${Object.keys(PARTS).join(', ')}.\n`,
    )
    process.exitCode = 2
    return
  }
  process.stderr.write(
    `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'a processor without a name'}\n`,
  )
  /** @type {Record<string, Line[]>} */
  const measured = {}
  for (const name of names) {
    const part = PARTS[name]
    if (part === undefined) continue
    process.stderr.write(`${name}: ${part.what} …\n`)
    measured[name] = await part.measure()
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(measured)}\n`)
  else report(Object.values(measured).flat())
}

/** @param {Line[]} lines */
function report(lines) {
  const width = Math.max(...lines.map(({ name }) => name.length))
  for (const { name, value, met, text } of lines) {
    process.stdout.write(
      `${name.padEnd(width)}  ${value.padStart(8)}  ${met ? 'met   ' : 'missed'}  ${text}\n`,
    )
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
