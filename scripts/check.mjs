/**
 * `npm test`: every check of this repository and all its tests. All of them run, whatever fails before.
 *
 * What fails is told at once, a line each, so that it comes first. Once all has run follow the details of what failed,
 * a line for each check and each suite with how much it has looked at, what was skipped and why, and the count.
 */
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readdirSync, rmSync, unwatchFile, watchFile } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { TestReport } from './lib/test-report.mjs'

const root = dirname(import.meta.dirname)
const bin = path => join(root, 'node_modules', path)

/** How many checks run at a time. The tests run after them: they bring two processes each of their own. */
const lanes = 2

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string[]} args for Node
 * @property {RegExp} [count] how the output tells how much was looked at, more than nothing
 * @property {string} [after] the step that must have ended before
 */

/** @type {Step[]} */
const steps = [
  { name: 'build', args: ['scripts/bootstrap.mjs'] },
  { name: 'lint', args: [bin('oxlint/bin/oxlint')], count: /on (\d+ files)/ },
  { name: 'types', args: ['scripts/check-types.mjs'], count: /(\d+ files) in/ },
  {
    name: 'unused',
    args: [
      bin('knip/bin/knip.js'),
      '--treat-config-hints-as-errors',
      '--reporter',
      'symbols',
      '--reporter',
      './scripts/knip-reporter.mjs',
    ],
    count: /(\d+ files)/,
  },
  { name: 'layers', args: ['scripts/check-layers.mjs'], count: /(\d+ files)/ },
  { name: 'format', args: [bin('oxfmt/bin/oxfmt'), '--check'], count: /on (\d+ files)/ },
  { name: 'migrations', args: ['scripts/check-migrations.mjs'], count: /(\d+ files)/ },
  { name: 'bundle', args: ['scripts/check-bundle.mjs'], count: /(\d+ files)/, after: 'build' },
  {
    name: 'package',
    args: ['scripts/check-package.mjs'],
    count: /(\d+ files would be packed.*)/,
    after: 'build',
  },
  { name: 'supply', args: ['scripts/check-supply.mjs'], count: /(\d+ packages) shipped/, after: 'build' },
]

/** Test files by suite: those beside the sources are `unit`, the others go by their folder in test/. */
const suites = Map.groupBy(
  globSync(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root })
    .map(file => file.replaceAll('\\', '/'))
    .sort(),
  suiteOf,
)

const help = `npm test                      everything
npm test -- <name>…           only these checks or test suites
npm test -- checks            all checks, no tests
npm test -- tests             all tests, no checks
npm test -- <path>…           only test files whose path contains this (with a / or ending in .ts)

checks: ${steps.map(({ name }) => name).join(', ')}
suites: ${[...suites.keys()].join(', ') || '(none yet)'}`

const selection = select(process.argv.slice(2))
if (typeof selection === 'string') {
  console.log(selection)
  process.exitCode = selection === help ? 0 : 2
} else {
  await runAll(selection)
}

function suiteOf(file) {
  return file.startsWith('src/')
    ? 'unit'
    : file.split('/').at(-2) === 'test'
      ? 'test'
      : (file.split('/')[1] ?? 'test')
}

/** What to run, or a text that says why not. */
function select(words) {
  if (words.includes('--help') || words.includes('-h')) return help
  const everyFile = [...suites.values()].flat()
  if (words.length === 0) return { checks: steps, files: everyFile, runTests: true }
  const checks = new Set()
  const files = new Set()
  for (const word of words) {
    const step = steps.find(({ name }) => name === word)
    const matching = isPath(word) ? everyFile.filter(file => file.includes(word)) : suites.get(word)
    if (word === 'checks') for (const each of steps) checks.add(each)
    else if (word === 'tests') for (const file of everyFile) files.add(file)
    else if (step !== undefined) checks.add(step)
    else if (matching !== undefined && matching.length > 0) for (const file of matching) files.add(file)
    else return `nothing is called ${word}\n\n${help}`
  }
  // Tests may start what is built.
  const needed = steps.filter(
    ({ name }) => name === 'build' && (files.size > 0 || [...checks].some(({ after }) => after === name)),
  )
  return {
    checks: steps.filter(step => checks.has(step) || needed.includes(step)),
    files: [...files],
    runTests: files.size > 0 || words.includes('tests'),
  }
}

function isPath(word) {
  return word.includes('/') || word.endsWith('.ts')
}

async function runAll({ checks, files, runTests }) {
  const results = await runChecks(checks)
  const tests = runTests ? await runTestFiles(files) : null
  const failedChecks = results.filter(({ ok }) => !ok)
  for (const { name, output } of failedChecks) console.log(`\n${name}\n${indent(output)}`)
  if (tests?.failed === true) console.log(`\ntests\n${indent(tests.output)}`)

  console.log()
  for (const { ok, name, seconds, seen } of results)
    console.log([ok ? 'ok' : 'FAILED', name, seconds, seen].filter(Boolean).join('  '))
  if (tests !== null)
    console.log(`${tests.failed ? 'FAILED' : 'ok'}  tests  ${tests.seconds}  ${files.length} files`)
  const totals = showTests(tests?.results ?? [])
  // A check that fails counts too, and so does what fails outside of any test.
  const failures = Math.max(totals.failed, tests?.failures ?? 0) + failedChecks.length
  console.log(
    `\ntests: ${totals.passed} passed, ${failures} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`,
  )
  process.exitCode = failures > 0 ? 1 : 0
}

/**
 * @typedef {object} CheckResult
 * @property {string} name
 * @property {boolean} ok
 * @property {string} seconds
 * @property {string} [seen] how much it has looked at
 * @property {string} output
 */

/** Runs the checks in as many lanes as there may be. @returns {Promise<CheckResult[]>} in their order */
async function runChecks(checks) {
  const waiting = [...checks]
  const ended = new Set(steps.filter(step => !checks.includes(step)).map(({ name }) => name))
  const running = new Set()
  const results = []
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex(({ after }) => after === undefined || ended.has(after))
    if (next === -1 || running.size === lanes) {
      await Promise.race(running)
      continue
    }
    const [step] = waiting.splice(next, 1)
    if (step === undefined) break
    const run = runCheck(step).then(result => {
      results.push(result)
      ended.add(step.name)
      return running.delete(run)
    })
    running.add(run)
  }
  return results.toSorted((a, b) => nameAt(checks, a.name) - nameAt(checks, b.name))
}

function nameAt(checks, name) {
  return checks.findIndex(check => check.name === name)
}

/** @returns {Promise<CheckResult>} */
async function runCheck({ name, args, count }) {
  const { code, output, seconds } = await run(args)
  const [, seen] = count?.exec(output) ?? []
  const sawSomething = count === undefined || (seen !== undefined && !seen.startsWith('0 '))
  const ok = code === 0 && sawSomething
  if (!ok)
    tellFailure(
      name,
      sawSomething ? lineThatMatters(output) : 'it does not say that it has looked at anything',
    )
  return { name, ok, seconds, ...(seen !== undefined && { seen }), output }
}

/** Of a check's output: the first line that speaks of an error, else the first. */
function lineThatMatters(output) {
  const lines = output.split('\n').filter(line => line.trim() !== '')
  return (lines.find(line => /error|fail|✖|×|^\s*x /i.test(line)) ?? lines[0] ?? 'it says nothing').trim()
}

function tellFailure(what, line) {
  showProgress('')
  console.log(`FAILED  ${what}: ${line}`)
}

/** For somebody who watches; each takes the place of the one before. */
function showProgress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

async function runTestFiles(files) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-tests-'))
  const reportFile = join(folder, 'report.jsonl')
  const told = new TestReport(reportFile, tellFailure)
  const before = readdirSync(root)
  try {
    const args = [
      bin('vitest/vitest.mjs'),
      'run',
      '--allowOnly=false',
      '--reporter=minimal',
      '--reporter=./scripts/vitest-reporter.mjs',
      ...files,
    ]
    watchFile(reportFile, { interval: 1_000 }, () => {
      told.look()
      showProgress(`${told.results.length} of ${files.length} test files`)
    })
    const { code, output, seconds } = await run(args, { LOCKSTEP_TEST_REPORT: reportFile })
    told.look()
    showProgress('')
    for (const file of files.filter(file => !told.results.some(result => result.file === file)))
      told.fail(file, 'it did not run')
    // A path that was taken for one below the working directory shows here.
    const left = readdirSync(root).filter(name => !before.includes(name))
    if (left.length > 0) told.fail('tests', `they have left ${left.join(', ')} in the checkout`)
    if (files.length === 0) told.fail('tests', 'there are no test files')
    const failed = code !== 0 || told.failures > 0
    if (failed && told.failures === 0) told.fail('tests', `vitest ended with ${code}`)
    return { results: told.results, failures: told.failures, failed, output, seconds }
  } finally {
    unwatchFile(reportFile)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Prints a line for each suite and each skipped test, and adds up. @param {import('./vitest-reporter.mjs').FileResult[]} files */
function showTests(files) {
  const totals = { passed: 0, failed: 0, skipped: 0 }
  if (files.length > 0) console.log(`\n${row('suite', 'files', 'passed', 'failed', 'skipped', 'time')}`)
  for (const [suite, results] of Map.groupBy(files, ({ file }) => suiteOf(file))) {
    const sum = pick => results.reduce((total, result) => total + pick(result), 0)
    const passed = sum(result => result.passed)
    const failed = sum(result => result.failed)
    const skipped = sum(result => result.skipped.length)
    console.log(row(suite, results.length, passed, failed, skipped, time(sum(result => result.ms))))
    totals.passed += passed
    totals.failed += failed
    totals.skipped += skipped
  }
  if (totals.skipped > 0) console.log('\nskipped:')
  for (const { file, skipped } of files) {
    for (const { name, reason } of skipped) console.log(`  ${file} > ${name}: ${reason}`)
  }
  return totals
}

function row(suite, ...cells) {
  return suite.padEnd(18) + cells.map(cell => String(cell).padStart(9)).join('')
}

/** Runs Node with these arguments and keeps what is printed. @returns {Promise<{ code: number, output: string, seconds: string }>} */
function run(args, env = {}) {
  const start = Date.now()
  const { FORCE_COLOR: _, ...inherited } = process.env
  return new Promise(done => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...inherited, NO_COLOR: '1', ...env },
    })
    let output = ''
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (output += chunk))
    child.once('error', error => (output += error.message))
    child.once('close', code => done({ code: code ?? 1, output, seconds: time(Date.now() - start) }))
  })
}

function time(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}

function indent(text) {
  return text.trimEnd().replace(/^/gm, '    ')
}
