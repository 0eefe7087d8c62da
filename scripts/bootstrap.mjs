/**
 * Makes the first command in a fresh clone work: installs what package-lock.json asks for, builds
 * out/ from the sources, and starts a script on the Node that the project brings along.
 *
 *   node scripts/bootstrap.mjs                        install and build, where needed; find Chromium
 *                                                     for the tests, or install Debian's as root
 *   node scripts/bootstrap.mjs build                  install where needed, and always build
 *   node scripts/bootstrap.mjs run <script> [args…]   install and build, where needed; run the script
 *   node scripts/bootstrap.mjs run --no-build <script> [args…]
 *
 * Runs on Node 18 and later and needs no package. Says nothing when there is nothing to do, and
 * otherwise one line a step on stderr: stdout belongs to whatever is run.
 */
import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { APT_OPTIONS, CHROMIUM_HINT, canInstallChromium, findChromium } from './lib/chromium.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const modules = join(root, 'node_modules')
const out = join(root, 'out')
const stampFile = join(out, '.built.json')
const lockDir = join(root, '.bootstrap.lock')

/** Where the `node` package puts its binary. */
export const projectNode = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** What the build reads. Tests change nothing in it. */
const buildInputs = [
  'src',
  'resources',
  'electron.vite.config.ts',
  'tsconfig.base.json',
  'tsconfig.types.json',
  'package.json',
  'package-lock.json',
]
const buildOutputs = [
  'main/index.js',
  'main/cli.js',
  'main/sync.js',
  'main/adapter-contract.js',
  'preload/index.cjs',
  'renderer/index.html',
  'types/sync/index.d.ts',
  'types/adapter-contract/index.d.ts',
]

/** @type {NodeJS.Signals[]} */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** How often the holder of the lock shows that it lives, and after how long without that it is given up, in ms. */
const heartbeat = 2_000
const abandoned = 120_000

/** A failure whose message is all that a person needs to see. */
class BootstrapError extends Error {}

/** Installs and builds what is missing or out of date. */
export async function ensure({ build = true, force = false } = {}) {
  const upToDate = () => !force && installReason() === null && (!build || buildReason() === null)
  if (upToDate()) return
  await withLock(async () => {
    // Another process may have done it while we waited.
    const install = installReason()
    if (install !== null) await step(`installing dependencies, because ${install}`, npmCi)
    const stale = build ? (force ? 'you asked for it' : buildReason()) : null
    if (stale !== null) await step(`building, because ${stale}`, buildAll)
  })
}

/**
 * Installs the Chromium of the tests where that can be done without asking. Where it cannot, says so and
 * goes on: only the tests of the interface need it, and they fail with the same words.
 */
export async function ensureChromium() {
  if (findChromium() !== null) return
  if (canInstallChromium()) {
    await withLock(async () => {
      if (findChromium() === null) await step('installing Chromium for the tests (apt-get)', aptGet)
    }).catch(showFailure)
  }
  if (findChromium() === null) say(`${CHROMIUM_HINT}\n`)
}

async function aptGet() {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // One of several sources may be out of reach, and the lists may be fresh enough without it.
  const update = await capture('apt-get', [...APT_OPTIONS, 'update'], { env })
  const install = await capture('apt-get', [...APT_OPTIONS, 'install', '-y', 'chromium'], { env })
  if (install.code !== 0) throw new BootstrapError(`${update.output}\n${install.output}`)
}

/** Why `npm ci` is needed, or null. Compares what npm recorded as installed with package-lock.json. */
export function installReason() {
  const installed = readJson(join(modules, '.package-lock.json'))
  if (installed === null) return 'node_modules is missing'
  if (!existsSync(projectNode)) return 'node_modules has no Node of its own'
  const wanted = readJson(join(root, 'package-lock.json'))
  if (wanted === null) throw new BootstrapError('package-lock.json is missing or broken')
  for (const [path, { version, optional }] of Object.entries(wanted.packages)) {
    // What is optional may not exist for this platform, or not for the Node that ran npm.
    if (path === '' || (optional && installed.packages[path] === undefined)) continue
    if (installed.packages[path]?.version !== version) return 'node_modules differs from package-lock.json'
  }
  return null
}

/** Why a build is needed, or null. Goes by the contents of the sources, so that a checkout back and forth costs nothing. */
export function buildReason() {
  const stamp = readJson(stampFile)
  if (stamp === null) return 'out/ is missing or unfinished'
  if (!stamp.files.every(file => existsSync(join(out, file)))) return 'out/ is incomplete'
  return stamp.key === inputsKey() ? null : 'the sources have changed'
}

function inputsKey() {
  const hash = createHash('sha1')
  for (const input of buildInputs) {
    for (const file of filesUnder(join(root, input))) {
      if (/\.test\.tsx?$/.test(file)) continue
      hash
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update('\0')
    }
  }
  return hash.digest('hex')
}

function filesUnder(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return []
  if (!stat.isDirectory()) return [path]
  const names = readdirSync(path).sort()
  return names.flatMap(name => filesUnder(join(path, name)))
}

async function npmCi() {
  // npm 10 would compile better-sqlite3, which brings its binaries along. Of all packages only `node`
  // needs its install script.
  await npm('ci', '--include=dev', '--ignore-scripts', '--prefer-offline')
  await npm('rebuild', 'node')
  const remaining = installReason()
  if (remaining === null) return
  throw new BootstrapError(
    `npm ci has finished, but ${remaining}. Is ignore-scripts set in an .npmrc? The package 'node' needs its install script.`,
  )
}

async function npm(command, ...args) {
  // npm replaces node_modules, and our own Node with it, so it must run on another one.
  const env = { ...process.env, PATH: pathWithoutOwnBin() }
  const result = await capture('npm', [command, ...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    env,
  })
  if (result.code === 0) return
  const [problem] = result.output.replace(/^npm (error|warn)\s?/gm, '').split('\nClean install a project')
  throw new BootstrapError(`npm ${command}:\n${problem}\n\n${installHint(result)}`)
}

function installHint({ output, error }) {
  if (error?.code === 'ENOENT') return 'npm was not found: install Node 22 or later together with npm.'
  if (/ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN|network/i.test(output)) {
    return 'npm could not reach its registry: check the network and the proxy (npm config get registry), then run the command again.'
  }
  if (/EACCES|EPERM|ENOSPC|EROFS/.test(output)) {
    return 'npm could not write node_modules: check who owns the folder and the space on the disk, then run the command again.'
  }
  return "Run 'npm ci' in this folder to see all that npm says."
}

async function buildAll() {
  rmSync(stampFile, { force: true })
  const key = inputsKey()
  const env = { ...process.env, PATH: pathWithOwnBin(), NO_COLOR: '1', FORCE_COLOR: '0' }
  const results = await Promise.all([
    capture(projectNode, [join(modules, 'electron-vite', 'bin', 'electron-vite.js'), 'build'], { env }),
    emitTypes(env),
  ])
  const failed = results.filter(result => result.code !== 0)
  if (failed.length > 0) {
    const output = failed.map(result => result.output).join('\n')
    throw new BootstrapError(`${output}\nThe sources do not build. Run 'npm run build' once they are mended.`)
  }
  const files = filesUnder(out).map(file => relative(out, file).split(sep).join('/'))
  const missing = buildOutputs.filter(file => !files.includes(file))
  if (missing.length > 0) throw new BootstrapError(`the build left out ${missing.join(', ')}`)
  writeFileSync(stampFile, `${JSON.stringify({ key, files })}\n`)
}

async function emitTypes(env) {
  rmSync(join(out, 'types'), { recursive: true, force: true })
  return capture(projectNode, [join(modules, 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.types.json'], {
    env,
  })
}

/** Runs `work` while no other process of this folder does. */
async function withLock(work) {
  await takeLock()
  const beat = setInterval(() => {
    const now = new Date()
    try {
      utimesSync(lockDir, now, now)
    } catch {
      // Somebody removed the lock by hand. The work goes on; it is idempotent.
    }
  }, heartbeat)
  try {
    await work()
  } finally {
    clearInterval(beat)
    rmSync(lockDir, { recursive: true, force: true })
  }
}

async function takeLock() {
  const mine = `${lockDir}.${randomUUID()}`
  let announced = false
  for (;;) {
    try {
      mkdirSync(mine)
    } catch (error) {
      throw new BootstrapError(`cannot write in ${root}: ${error.message}`)
    }
    writeFileSync(join(mine, 'pid'), String(process.pid))
    try {
      // Atomic: fails when the folder is there, for it is never empty.
      renameSync(mine, lockDir)
      return
    } catch (error) {
      rmSync(mine, { recursive: true, force: true })
      if (!existsSync(lockDir) && !['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error
    }
    const holder = lockHolder()
    if (holder !== null && !holder.alive) {
      removeStaleLock(holder)
    } else if (holder !== null && !announced) {
      announced = true
      say(`waiting for process ${holder.pid}, which is installing or building here\n`)
    }
    await sleep(100)
  }
}

/** Who holds the lock, or null if nobody does any more. */
function lockHolder() {
  try {
    const pid = Number(readFileSync(join(lockDir, 'pid'), 'utf8'))
    const silent = Date.now() - statSync(lockDir).mtimeMs
    return { pid, alive: isAlive(pid) && silent < abandoned }
  } catch {
    return null
  }
}

/** Moves it away first: of several processes that saw it stale one succeeds, and a fresh lock is put back. */
function removeStaleLock(holder) {
  const away = `${lockDir}.${randomUUID()}`
  try {
    renameSync(lockDir, away)
    if (Number(readFileSync(join(away, 'pid'), 'utf8')) !== holder.pid) return renameSync(away, lockDir)
  } catch {
    // Somebody else was quicker; the next round looks again.
  }
  rmSync(away, { recursive: true, force: true })
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Runs a script with the project's Node: in this process if that is the one running, else in a child. */
async function run(script, args) {
  const path = resolve(script)
  if (!existsSync(path)) throw new BootstrapError(`there is no ${script}`)
  process.env.PATH = pathWithOwnBin()
  if (realpathSync(process.execPath) === realpathSync(projectNode)) {
    process.argv = [process.execPath, path, ...args]
    await import(pathToFileURL(path).href)
    return
  }
  const child = spawn(projectNode, [path, ...args], { stdio: 'inherit' })
  const forward = signal => child.kill(signal)
  for (const signal of endingSignals) process.on(signal, forward)
  const code = await new Promise((done, fail) => {
    child.once('error', fail)
    child.once('exit', (exitCode, signal) => done(exitCode ?? exitCodeOf(signal)))
  })
  process.exit(code)
}

async function step(name, work) {
  const start = Date.now()
  say(`${name} … `)
  try {
    await work()
    process.stderr.write(`${((Date.now() - start) / 1000).toFixed(1)} s\n`)
  } catch (error) {
    process.stderr.write('failed\n')
    throw error
  }
}

function say(text) {
  process.stderr.write(`lockstep: ${text}`)
}

/** Runs a program and keeps what it prints. */
function capture(command, args, options) {
  return new Promise(done => {
    const onWindows = process.platform === 'win32'
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: onWindows && command === 'npm',
      ...options,
    })
    let output = ''
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (output += chunk))
    const stop = stopWith(child)
    child.once('error', error => done({ code: 1, output: error.message, error }))
    child.once('close', code => {
      stop()
      done({ code: code ?? 1, output })
    })
  })
}

/** While a child works, a signal that ends this process ends the child first: nobody else may hold its lock meanwhile. */
function stopWith(child) {
  const onSignal = signal => {
    child.kill(signal)
    rmSync(lockDir, { recursive: true, force: true })
    process.exit(exitCodeOf(signal))
  }
  for (const signal of endingSignals) process.on(signal, onSignal)
  return () => {
    for (const signal of endingSignals) process.off(signal, onSignal)
  }
}

/** The code by which shells say that a signal ended a process. */
function exitCodeOf(signal) {
  return 128 + constants.signals[signal]
}

function pathWithoutOwnBin() {
  const own = join(modules, '.bin')
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter(folder => folder !== own)
    .join(delimiter)
}

function pathWithOwnBin() {
  return [join(modules, '.bin'), pathWithoutOwnBin()].join(delimiter)
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

function sleep(ms) {
  return new Promise(done => setTimeout(done, ms))
}

/** Prints what went wrong and ends this process. */
export function fail(error) {
  showFailure(error)
  process.exit(1)
}

function showFailure(error) {
  process.stderr.write(error instanceof BootstrapError ? `\n${error.message.trim()}\n` : `\n${error.stack}\n`)
}

/** @param {string[]} args */
async function main([command, ...rest]) {
  if (command === undefined) {
    await ensure()
    return ensureChromium()
  }
  if (command === 'build' && rest.length === 0) return ensure({ force: true })
  if (command === 'run' && rest.length > 0) {
    const build = rest[0] !== '--no-build'
    const [script, ...args] = build ? rest : rest.slice(1)
    await ensure({ build })
    return run(script ?? '', args)
  }
  throw new BootstrapError('usage: node scripts/bootstrap.mjs [build | run [--no-build] <script> [args…]]')
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch(fail)
}
