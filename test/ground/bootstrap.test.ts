/** scripts/bootstrap.mjs in a small project whose compiler and bundler only write files. */
import { spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PATIENCE_MS, until } from '../support/until.ts'
import { CHROMIUM_HINT, canInstallChromium, findChromium } from '../../scripts/lib/chromium.mjs'

const repository = join(import.meta.dirname, '../..')

/**
 * Stands for electron-vite: fails on a source that says so, notes each build, writes what a build writes; and goes on
 * while there is a file called hold.
 */
const bundler = `
const fs = require('node:fs')
const path = require('node:path')
if (fs.readFileSync('src/index.ts', 'utf8').includes('broken')) { console.log('it is broken'); process.exit(1) }
fs.appendFileSync('builds.log', 'built\\n')
const main = ['index', 'cli', 'sync', 'adapter-contract'].map(name => 'main/' + name + '.js')
for (const file of [...main, 'preload/index.cjs', 'renderer/index.html']) {
  fs.mkdirSync(path.dirname('out/' + file), { recursive: true })
  fs.writeFileSync('out/' + file, '')
}
const hold = setInterval(() => fs.existsSync('hold') || clearInterval(hold), 10)
`
const compiler = `
const fs = require('node:fs')
for (const entry of ['sync', 'adapter-contract']) {
  fs.mkdirSync('out/types/' + entry, { recursive: true })
  fs.writeFileSync('out/types/' + entry + '/index.d.ts', '')
}
`

let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-bootstrap-')))
  const packages = {
    '': {},
    'node_modules/one': { version: '1.0.0' },
    'node_modules/two': { version: '2.0.0', optional: true },
  }
  write('package.json', '{ "type": "module" }')
  write('package-lock.json', JSON.stringify({ packages }))
  write(
    'node_modules/.package-lock.json',
    JSON.stringify({ packages: { 'node_modules/one': { version: '1.0.0' } } }),
  )
  write('node_modules/electron-vite/bin/electron-vite.js', bundler)
  write('node_modules/electron-vite/package.json', '{}')
  write('node_modules/typescript/bin/tsc', compiler)
  write('node_modules/typescript/package.json', '{}')
  write('src/index.ts', 'export {}')
  write('scripts/tell.mjs', `console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 5`)
  mkdirSync(join(folder, 'scripts/lib'))
  for (const script of ['scripts/bootstrap.mjs', 'scripts/lib/chromium.mjs'])
    copyFileSync(join(repository, script), join(folder, script))
  program('nothing/chromium', '')
  mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true })
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('builds what is missing, says so on stderr, and has nothing to say the next time', () => {
  expect(bootstrap()).toMatchObject({
    status: 0,
    stdout: '',
    stderr: expect.stringMatching(/^lockstep: building.* s\n$/),
  })
  expect(bootstrap()).toMatchObject({ status: 0, stdout: '', stderr: '' })
  expect(builds()).toBe(1)
})

test('goes by the contents of the sources, not by their times', () => {
  bootstrap()
  utimesSync(join(folder, 'src/index.ts'), new Date(), new Date())
  write('src/index.test.ts', 'export {}')
  bootstrap()
  expect(builds()).toBe(1)
  appendFileSync(join(folder, 'src/index.ts'), '// changed')
  bootstrap()
  expect(builds()).toBe(2)
})

test('builds again when a built file is gone', () => {
  bootstrap()
  rmSync(join(folder, 'out/main/cli.js'))
  bootstrap()
  expect(builds()).toBe(2)
})

test('of several processes at once one builds and the others wait for it', async () => {
  write('hold', '')
  const runs = [1, 2, 3].map(start)
  const said = (): string[] => runs.map(run => run.said())
  const areWaiting = (): boolean => said().filter(text => text.includes('waiting for process')).length === 2
  await until(areWaiting, 'two to wait for the third', () => JSON.stringify(said()))
  rmSync(join(folder, 'hold'))
  expect(await Promise.all(runs.map(run => run.code))).toEqual([0, 0, 0])
  expect(builds()).toBe(1)
  expect(leftovers()).toEqual([])
})

test('takes over the lock of a process that is gone', () => {
  write('.bootstrap.lock/pid', String(spawnSync(process.execPath, ['-e', '']).pid))
  expect(bootstrap().status).toBe(0)
  expect(builds()).toBe(1)
  expect(leftovers()).toEqual([])
})

test('a build that fails shows why, and is tried again once the sources are mended', () => {
  write('src/index.ts', 'broken')
  const failed = bootstrap()
  expect(failed).toMatchObject({ status: 1, stdout: '' })
  expect(failed.stderr).toMatch(/failed[^]*it is broken[^]*npm run build/)
  expect(leftovers()).toEqual([])
  write('src/index.ts', 'export {}')
  expect(bootstrap().status).toBe(0)
})

test('runs a script with its arguments and its exit code', () => {
  expect(bootstrap('run', 'scripts/tell.mjs', 'a', '--b')).toMatchObject({
    status: 5,
    stdout: '["a","--b"]\n',
  })
})

test('does not build for a script that needs no build', () => {
  expect(bootstrap('run', '--no-build', 'scripts/tell.mjs')).toMatchObject({ status: 5, stderr: '' })
  expect(existsSync(join(folder, 'out'))).toBe(false)
})

test.each([
  ['node_modules is missing', () => rmSync(join(folder, 'node_modules/.package-lock.json'))],
  [
    'node_modules has no Node of its own',
    () => rmSync(join(folder, 'node_modules/node'), { recursive: true }),
  ],
  [
    'node_modules differs from package-lock.json',
    () => write('package-lock.json', '{ "packages": { "node_modules/one": { "version": "1.0.1" } } }'),
  ],
])('installs when %s', (reason, change) => {
  change()
  // There is no npm on this path, so it stops where it would install.
  const { status, stderr } = bootstrap()
  expect(status).toBe(1)
  expect(stderr).toContain(`installing dependencies, because ${reason}`)
  expect(stderr).toContain('npm was not found')
})

test('without a Chromium it says what to run, and does the rest', () => {
  rmSync(join(folder, 'nothing/chromium'))
  program('nothing/apt-get', 'exit 1')
  const { status, stdout, stderr } = bootstrap()
  expect(status).toBe(0)
  expect(builds()).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toContain(CHROMIUM_HINT)
  expect(bootstrap('run', 'scripts/tell.mjs')).toMatchObject({ status: 5, stderr: '' })
  expect(leftovers()).toEqual([])
})

test('a Chromium may be named; a name that leads to none counts as none', ({ onTestFinished }) => {
  const named = process.env['LOCKSTEP_CHROMIUM']
  onTestFinished(() => {
    if (named === undefined) delete process.env['LOCKSTEP_CHROMIUM']
    else process.env['LOCKSTEP_CHROMIUM'] = named
  })
  process.env['LOCKSTEP_CHROMIUM'] = join(folder, 'nothing/chromium')
  expect(findChromium()).toBe(join(folder, 'nothing/chromium'))
  process.env['LOCKSTEP_CHROMIUM'] = join(folder, 'nothing/else')
  expect(findChromium()).toBe(null)
  expect(canInstallChromium()).toBe(false)
})

test('as root on Debian it installs Chromium with apt-get, and says so', ({ skip }) => {
  skip(!canInstallChromium(), 'needs Debian and root')
  rmSync(join(folder, 'nothing/chromium'))
  program(
    'nothing/apt-get',
    `echo "$@" >> apt.log\ncase "$*" in *"install -y chromium") echo > nothing/chromium; /bin/chmod +x nothing/chromium;; esac`,
  )
  const { status, stdout, stderr } = bootstrap()
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  expect(stderr).toMatch(/^lockstep: building.*\nlockstep: installing Chromium for the tests.* s\n$/)
  const calls = readFileSync(join(folder, 'apt.log'), 'utf8')
  expect(calls).toMatch(/ update\n.* install -y chromium\n$/)
  expect(bootstrap().stderr).toBe('')
  expect(readFileSync(join(folder, 'apt.log'), 'utf8')).toBe(calls)
})

function bootstrap(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/bootstrap.mjs', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: environment(),
    timeout: PATIENCE_MS,
  })
  return { status, stdout, stderr }
}

function start(): { readonly code: Promise<number | null>; said(): string } {
  const child = spawn(process.execPath, ['scripts/bootstrap.mjs'], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return { code: new Promise(done => child.once('exit', done)), said: () => said }
}

/** With the programs of the test alone: no npm, no apt-get of this machine's. */
function environment() {
  return { PATH: join(folder, 'nothing') }
}

function builds(): number {
  return readFileSync(join(folder, 'builds.log'), 'utf8').split('\n').length - 1
}

function leftovers(): readonly string[] {
  return readdirSync(folder).filter(name => name.startsWith('.bootstrap'))
}

function program(path: string, script: string): void {
  write(path, `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, path), 0o755)
}

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}
