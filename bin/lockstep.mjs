#!/usr/bin/env node
/**
 * Starts the command line on a Node that can run it.
 *
 * Written for Node 18 and later, so that an older Node gets an answer and not a syntax error. There
 * the project's own Node is started with the same arguments, and both processes behave as one:
 * signals and the exit code pass through, and when this process is killed the other one dies at once.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bootstrap = join(root, 'scripts', 'bootstrap.mjs')
const nodeName = process.platform === 'win32' ? 'node.exe' : 'node'
const ownNode = join(root, 'node_modules', 'node', 'bin', nodeName)

/** Set in the environment of the process that this launcher starts. */
const startedMark = 'LOCKSTEP_STARTED_BY_LAUNCHER'

/** How long the child has to say that a signal has reached it already (Ctrl+C goes to both), in ms. */
const signalGrace = 100

/** @type {NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

if (process.env[startedMark] !== undefined) {
  delete process.env[startedMark]
  dieWithLauncher()
  reportSignals()
  await startHere()
} else {
  await prepareCheckout()
  if (isNewEnough(process.versions.node)) await startHere()
  else if (existsSync(ownNode)) startChild()
  else refuse()
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 22)
}

/** In a clone: installs and builds when needed. The published package has no bootstrap. */
async function prepareCheckout() {
  if (!existsSync(bootstrap)) return
  const { ensure, fail } = await import(pathToFileURL(bootstrap).href)
  await ensure().catch(fail)
}

async function startHere() {
  await import(pathToFileURL(join(root, 'out', 'main', 'cli.js')).href)
}

function startChild() {
  const child = spawn(ownNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [startedMark]: '1' },
  })
  /** @type {Map<string, number>} When the child last said that it got a signal. */
  const received = new Map()
  child.on('message', signal => received.set(String(signal), Date.now()))
  for (const signal of signals) {
    process.on(signal, () => {
      const start = Date.now()
      setTimeout(() => {
        if ((received.get(signal) ?? 0) < start - signalGrace) child.kill(signal)
      }, signalGrace)
    })
  }
  child.once('error', error => {
    console.error(`lockstep: cannot start ${ownNode}: ${error.message}`)
    process.exit(1)
  })
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const each of signals) process.removeAllListeners(each)
    process.kill(process.pid, signal)
  })
}

/** The channel closes when the launcher ends in any way, SIGKILL included. It keeps nothing alive. */
function dieWithLauncher() {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel?.unref()
}

/** Tells the launcher which signals came here by themselves, so that it does not send them again. */
function reportSignals() {
  for (const signal of signals) {
    const report = () => {
      if (process.connected) process.send?.(signal)
      if (process.listenerCount(signal) > 1) return
      process.removeListener(signal, report)
      process.kill(process.pid, signal)
    }
    process.on(signal, report)
  }
}

function refuse() {
  console.error(`lockstep needs Node 22.22 or later, and this is Node ${process.versions.node}.
Get a newer one from https://nodejs.org or with your version manager, for example: nvm install 24`)
  process.exit(1)
}
