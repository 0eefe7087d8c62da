/**
 * `npm run merge:compare`: our merge by lines beside `git merge-file`, on merges nobody made up.
 *
 *   compare-merges REPOSITORY…    every file both parents of a merge commit changed, from a local git clone
 *   --synthetic FOLDER            random edits of both sides on the text files below this folder instead
 *   --each N                      synthetic merges for each file (3)
 *   --seed N                      of the random edits (1)
 *   --limit N                     merges at most (all; synthetic 2000)
 *   --examples N                  how many differing merges are named (10)
 *   --json                        one JSON document at the end
 *
 * Exit code 1 where both are clean and differ, or where only git sees a conflict that is not accounted for.
 */
import { isUtf8 } from 'node:buffer'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { mergeText } from '../src/engine/core/merge-text.ts'
import { GitMergeFile, recordedMerges } from './lib/git-merges.mjs'
import { edited, randomFrom } from './lib/random-edits.mjs'

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    synthetic: { type: 'string' },
    each: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    limit: { type: 'string' },
    examples: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
})

/** @typedef {keyof typeof CATEGORIES} Category */

const CATEGORIES = {
  equal: 'both clean, same result',
  conflict: 'both a conflict',
  stricter: 'only we see a conflict',
  // Git compares line ends as part of the lines.
  lineEnds: 'only git sees a conflict: line ends',
  // Where lines repeat a difference has several readings; by ours the changes do not touch, or are the same.
  reading: 'only git sees a conflict: repeated lines read otherwise, each line accounted for',
  looser: 'only git sees a conflict: unexplained',
  different: 'both clean, different results',
}

/** Of a synthetic merge's text, in bytes. */
const MAX_SIZE = 200_000
const TEXT_NAME = /\.(?:md|markdown|txt|ts|tsx|js|mjs|cjs|css|html|json|ya?ml|toml)$/

const isSynthetic = flags.synthetic !== undefined
const limit = Number(flags.limit ?? (isSynthetic ? 2000 : Infinity))

if (!isSynthetic && positionals.length === 0) {
  console.error('Name a git repository, or a folder of text files with --synthetic.')
  process.exit(2)
}

const report = compare(
  isSynthetic ? syntheticMerges(flags.synthetic) : positionals.flatMap(path => [...recordedMerges(path)]),
)
print(report)
process.exitCode = report.counts.different + report.counts.looser > 0 ? 1 : 0

function compare(merges) {
  using git = new GitMergeFile()
  const counts = /** @type {Record<Category, number>} */ (
    Object.fromEntries(Object.keys(CATEGORIES).map(name => [name, 0]))
  )
  /** @type {Partial<Record<Category, string[]>>} */
  const examples = {}
  let compared = 0
  let notText = 0
  let ms = 0
  for (const merge of merges) {
    if (compared >= limit) break
    if (![merge.base, merge.local, merge.remote].every(isText)) {
      notText++
      continue
    }
    compared++
    const texts = { base: String(merge.base), local: String(merge.local), remote: String(merge.remote) }
    const start = performance.now()
    const ours = mergeText(texts)
    ms += performance.now() - start
    const category = categoryOf(ours, git.merge(merge), texts)
    counts[category]++
    const named = (examples[category] ??= [])
    if (named.length < Number(flags.examples)) named.push(merge.name)
  }
  const source = isSynthetic ? `synthetic: random edits, seed ${flags.seed}` : 'recorded in git'
  return { source, compared, notText, counts, examples, ms: Math.round(ms) }
}

function isText(bytes) {
  return isUtf8(bytes) && !bytes.includes(0)
}

function categoryOf(ours, theirs, texts) {
  if (ours.kind === 'merged' && theirs !== null)
    return ours.text === theirs.toString() ? 'equal' : 'different'
  if (ours.kind === 'conflict') return theirs === null ? 'conflict' : 'stricter'
  if (Object.values(texts).some(text => text.includes('\r'))) return 'lineEnds'
  return keepsEachLine(texts, ours.text) ? 'reading' : 'looser'
}

/** Whether each line is there as often as both sides together have made it; what both added may count once. */
function keepsEachLine({ base, local, remote }, result) {
  const linesOf = text => Map.groupBy(text.split('\n'), line => line)
  const [b, l, r, all] = /** @type {const} */ ([
    linesOf(base),
    linesOf(local),
    linesOf(remote),
    linesOf(result),
  ])
  const count = (lines, line) => lines.get(line)?.length ?? 0
  return [...b.keys(), ...l.keys(), ...r.keys(), ...all.keys()].every(line => {
    const [mine, theirs] = [count(l, line) - count(b, line), count(r, line) - count(b, line)]
    const once = count(b, line) + mine + theirs - count(all, line)
    return (
      once === 0 ||
      (Math.sign(once) === Math.sign(mine) &&
        Math.abs(once) <= Math.min(mine * Math.sign(once), theirs * Math.sign(once)))
    )
  })
}

function* syntheticMerges(folder) {
  const random = randomFrom(Number(flags.seed))
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => TEXT_NAME.test(path))
    .sort()
  // Spread over the whole folder, so that a limit does not mean the first packages alone.
  const order = paths.map(path => ({ path, at: random() })).sort((a, b) => a.at - b.at)
  for (const { path } of order) {
    const bytes = readFileSync(join(folder, path))
    if (bytes.length > MAX_SIZE || bytes.length === 0 || !isText(bytes)) continue
    for (let n = 0; n < Number(flags.each); n++) yield syntheticMerge(`${path} #${n + 1}`, bytes, random)
  }
}

/** Some edits of both sides lie anywhere, some close to an edit of the other side. */
function syntheticMerge(name, base, random) {
  const lines = base.toString().match(/[^\n]*\n|[^\n]+$/g) ?? []
  const local = Array.from({ length: 1 + Math.floor(random() * 4) }, random)
  const remote = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
    const near = local[Math.floor(random() * local.length)] + ((random() - 0.5) * 20) / lines.length
    return random() < 0.3 ? Math.min(Math.max(near, 0), 0.999) : random()
  })
  const side = (places, tag) => Buffer.from(edited(lines, places, random, tag).join(''))
  return { name, base, local: side(local, 'L'), remote: side(remote, 'R') }
}

function print(report) {
  if (flags.json) {
    console.log(JSON.stringify(report))
    return
  }
  console.log(
    `${report.compared} merges (${report.source}), ${report.notText} not text; our merge took ${report.ms} ms`,
  )
  for (const [name, words] of Object.entries(CATEGORIES)) {
    console.log(`${String(report.counts[name]).padStart(8)}  ${words}`)
  }
  for (const name of ['different', 'looser', 'stricter']) {
    for (const example of report.examples[name] ?? []) console.log(`  ${name}: ${example}`)
  }
}
