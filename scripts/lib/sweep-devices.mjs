/**
 * Two devices on the sweep's disk, with one database: what people and programs do there, commands in this process, and
 * all that can be found afterwards.
 */
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import Sqlite from 'better-sqlite3'
import { runCommandLine } from '../../src/cli/run.ts'
import { TEMPORARY_PREFIX } from '../../src/engine/core/denylist.ts'

/** No command takes nearly as long, in ms. */
export const PATIENCE = 60_000

const APP = 'sweep'
/** In seconds since the epoch. */
const LONG_AGO = 1_600_000_000

/** What is known of the two beyond their files: plain, since the disk is put back in other processes as well. */
/** @typedef {{ texts: string[], unsynced: Record<string, string[]> }} Written */

export class Devices {
  a
  b
  #disk
  /** Every content that somebody wrote and that must be found again. @type {Set<string>} */
  #texts

  /** @param {string} disk @param {Written} written */
  constructor(disk, written = { texts: [], unsynced: {} }) {
    this.#disk = disk
    this.#texts = new Set(written.texts)
    this.a = new Device('a', disk, this.#texts, written.unsynced['a'])
    this.b = new Device('b', disk, this.#texts, written.unsynced['b'])
  }

  /** @returns {Written} */
  written() {
    return { texts: [...this.#texts], unsynced: { a: this.a.unsynced(), b: this.b.unsynced() } }
  }

  /** A file that is in no project. */
  put(name, text) {
    writeFileSync(join(this.#disk, name), text)
    this.#texts.add(text)
    return join(this.#disk, name)
  }

  /** All that is there now, and every place in which a content can be found. */
  async look() {
    const rows = this.#rows()
    const [a, b] = [await this.a.look(), await this.b.look()]
    const records = isMeant =>
      Object.fromEntries(
        rows
          .filter(({ owner_id }) => isMeant(owner_id))
          .map(({ path, content }) => [plainName(path), content]),
      )
    const shared = records(owner => owner === 'shared')
    const own = records(owner => owner !== 'shared')
    const found = new Set([...a.contents, ...b.contents, ...rows.map(({ content }) => content)])
    const lost = [...this.#texts].filter(text => !found.has(text))
    return { a, b, shared, own, lost, temporaries: temporariesIn(this.#disk) }
  }

  /** @returns {{ path: string, content: string, owner_id: string }[]} */
  #rows() {
    const database = new Sqlite(join(this.#disk, 'sync.db'), { timeout: PATIENCE })
    try {
      return /** @type {any} */ (database.prepare('SELECT path, content, owner_id FROM files').all())
    } finally {
      database.close()
    }
  }
}

/** Kept in this process or in another: a device is its folder, its state, and its settings. */
class Device {
  name
  folder
  env
  #texts
  /** What was written here since the last sync: written over once more, nobody has seen it (R16.1). */
  #unsynced

  constructor(name, disk, texts, unsynced = []) {
    this.name = name
    this.folder = join(disk, name)
    this.env = { LOCKSTEP_HOME: join(disk, `home-${name}`), NO_COLOR: '1' }
    this.#texts = texts
    this.#unsynced = new Set(unsynced)
  }

  unsynced() {
    return [...this.#unsynced]
  }

  /** @param {Readonly<Record<string, unknown>>} config @param {readonly string[]} settings further lines of .env */
  create(config, settings = []) {
    mkdirSync(this.at('data'), { recursive: true })
    writeFileSync(this.at('package.json'), `${JSON.stringify({ name: APP })}\n`)
    writeFileSync(this.at('.env'), ['FILE_SYNC_SQLITE_PATH=../sync.db', ...settings, ''].join('\n'))
    this.configure(config)
  }

  configure(config) {
    writeFileSync(this.at('data/sync-config.json'), `${JSON.stringify(config)}\n`)
  }

  at(path) {
    return join(this.folder, path)
  }

  read(path) {
    return readFileSync(this.at(path), 'utf8')
  }

  write(path, text) {
    if (this.has(path)) {
      const former = this.read(path)
      if (this.#unsynced.has(former)) this.#texts.delete(former)
    }
    mkdirSync(dirname(this.at(path)), { recursive: true })
    writeFileSync(this.at(path), text)
    this.#unsynced.add(text)
    this.#texts.add(text)
  }

  /** With a time from before all that sync has made: out of an archive, or moved here from elsewhere. */
  bring(path, text) {
    this.write(path, text)
    utimesSync(this.at(path), LONG_AGO, LONG_AGO)
  }

  /** @param {(text: string) => string} change */
  edit(path, change) {
    this.write(path, change(this.read(path)))
  }

  has(path) {
    return Object.hasOwn(this.tree(), path)
  }

  remove(path) {
    rmSync(this.at(path), { recursive: true })
  }

  rename(path, to) {
    renameSync(this.at(path), this.at(to))
  }

  async sync() {
    const outcome = await this.run(['sync'])
    if (outcome.code !== 0 && outcome.code !== 3)
      throw new Error(`sync of ${this.name}: ${JSON.stringify(outcome)}`)
    this.#unsynced.clear()
    return outcome
  }

  /** A command as the command line carries it out, in this process. @param {readonly string[]} args its name first */
  async run([command = '', ...args]) {
    const output = { stdout: '', stderr: '' }
    const code = await runCommandLine([command, this.folder, ...args, '--json'], {
      env: this.env,
      cwd: '/',
      stdout: collecting(output, 'stdout'),
      stderr: collecting(output, 'stderr'),
      signals: new Impatience(),
      now: Date.now,
      onDeadEnd: () => {},
    })
    return { code, json: lastDocument(output.stdout), stderr: output.stderr }
  }

  async look() {
    const history = (await this.run(['history', '--contents'])).json
    const conflicts = (await this.run(['conflicts'])).json
    const tree = this.tree()
    const versions = conflicts.flatMap(({ base, local, remote }) => [base, local, remote])
    const kept = history.map(({ content }) => content)
    return {
      tree,
      history: kept,
      conflicts: conflicts.map(({ path }) => path),
      contents: [...Object.values(tree), ...kept, ...versions.map(side => side?.content)],
    }
  }

  /** @returns {Record<string, string>} content by path, sync's own copies included */
  tree() {
    const files = readdirSync(this.at('data'), { recursive: true, withFileTypes: true }).filter(
      entry =>
        entry.isFile() && entry.name !== 'sync-config.json' && !entry.name.startsWith(TEMPORARY_PREFIX),
    )
    return Object.fromEntries(
      files.map(({ parentPath, name }) => {
        const path = join(parentPath, name)
        return [plainName(relative(this.folder, path)), readFileSync(path, 'utf8')]
      }),
    )
  }
}

/** The name of a second version says where and when it was made. */
function plainName(path) {
  return path.replace(/ \([^()]+, \d{4}-\d\d-\d\d\)/, ' (device, date)')
}

function temporariesIn(disk) {
  return readdirSync(disk, { recursive: true, encoding: 'utf8' }).filter(path =>
    path.includes(TEMPORARY_PREFIX),
  )
}

/** Ends a command that does not end by itself, as SIGTERM does. */
class Impatience {
  #timer

  on(signal, listener) {
    if (signal === 'SIGTERM') this.#timer = setTimeout(() => listener(), PATIENCE)
  }

  off() {
    clearTimeout(this.#timer)
  }

  exit() {}
}

function collecting(output, name) {
  return {
    write(text) {
      output[name] += text
      return true
    },
    on() {},
  }
}

/** Undefined where there is none. */
export function lastDocument(stdout) {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  } catch {
    return undefined
  }
}
