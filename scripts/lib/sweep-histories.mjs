/**
 * The histories of the sweep: what led to the command that fails, what happens before it is run again, and what must
 * hold in the end.
 */

/** @import { Devices } from './sweep-devices.mjs' */
/** @typedef {Readonly<Record<string, string>>} Files contents by path */

/**
 * @typedef {object} History
 * @property {(devices: Devices) => Promise<string[] | void>} prepare up to the command; more of its arguments, where only then they are known
 * @property {readonly string[]} command of device b
 * @property {(devices: Devices) => Promise<void> | void} [meanwhile] between the failure and the next try
 * @property {Files} files in the end, on both devices and in the database
 * @property {Readonly<Record<string, string | null>>} [here] where device b differs from that; null for no file
 * @property {Files} [own] records of the private channel
 * @property {readonly string[]} [conflicts] of device b
 * @property {readonly string[]} [kept] contents in device b's own history (R16)
 * @property {number} sites how many call sites there are at least: fewer, and the sweep would miss what it is for
 */

const LINES = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
const TEXT = LINES.map(number => `line ${number}\n`).join('')
const RECORD = '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n'
const [X, J, Y] = ['data/x.md', 'data/j.json', 'data/sub/y.md']
/** @type {Files} */
const BASE = {
  [X]: TEXT,
  [J]: RECORD,
  [Y]: `${TEXT}of another file\n`,
  'data/keep.md': 'keep\n',
  'data/more.md': 'more\n',
}
const CONFIG = { syncFilePatterns: ['data/**'] }

/** @param {string} text @param {Readonly<Record<string, string>>} authors by line */
function changed(text, authors) {
  return Object.entries(authors).reduce(
    (changed, [line, author]) => changed.replace(`line ${line}\n`, `line ${line}, by ${author}\n`),
    text,
  )
}

/** @param {Files} files @param {readonly string[]} paths @returns {Files} */
function without(files, ...paths) {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)))
}

/** @param {Files} files */
function none(files) {
  return Object.fromEntries(Object.keys(files).map(path => [path, null]))
}

/** @param {Devices} devices @param {readonly string[]} settings of device b */
async function inStep({ a, b }, settings = []) {
  a.create(CONFIG)
  b.create(CONFIG, settings)
  for (const [path, text] of Object.entries(BASE)) a.write(path, text)
  await a.sync()
  await b.sync()
}

const PUSHED = { two: 'b', four: 'b' }
const NEW = 'data/new.md'

async function beforePush(devices) {
  await inStep(devices)
  devices.b.write(X, changed(TEXT, { two: 'b' }))
  devices.b.write(NEW, 'new\n')
}

const DEEP = 'data/sub2/deep/new.md'

async function beforePull(devices) {
  await inStep(devices)
  devices.a.write(X, changed(TEXT, { two: 'a' }))
  devices.a.write(DEEP, 'new\n')
  await devices.a.sync()
}

const recordBy = (...keys) =>
  keys.reduce((text, key) => text.replace(new RegExp(`"${key}": \\d`), `"${key}": "changed"`), RECORD)

async function beforeMerge(devices) {
  const { a, b } = devices
  await inStep(devices)
  a.write(J, recordBy('a'))
  a.write(X, changed(TEXT, { one: 'a' }))
  await a.sync()
  b.bring(J, recordBy('c'))
  b.write(X, changed(TEXT, { nine: 'b' }))
}

const MERGED = { ...BASE, [J]: recordBy('a', 'c'), [X]: changed(TEXT, { one: 'a', nine: 'b' }) }

async function beforeDeleteHere(devices) {
  await inStep(devices)
  devices.a.remove(X)
  devices.a.remove('data/sub')
  await devices.a.sync()
}

const THEIRS = changed(TEXT, { two: 'a', five: 'a' })
const OURS = changed(TEXT, { two: 'b', nine: 'b' })

async function beforeConflict(devices) {
  await inStep(devices)
  devices.a.write(X, THEIRS)
  await devices.a.sync()
  devices.b.bring(X, OURS)
}

async function inConflict(devices) {
  await beforeConflict(devices)
  await devices.b.sync()
}

const resolve = take => ['resolve', X, '--take', take]

async function held(devices) {
  const { b } = devices
  await inStep(devices)
  for (const path of Object.keys(without(BASE, Y))) b.remove(path)
  b.remove('data/sub')
  await b.sync()
}

const EXCLUDING = { syncFilePatterns: ['data/**', '!data/sub/**'] }

/** @type {Readonly<Record<string, History>>} */
export const HISTORIES = {
  push: {
    prepare: beforePush,
    command: ['sync'],
    files: { ...BASE, [X]: changed(TEXT, { two: 'b' }), [NEW]: 'new\n' },
    sites: 65,
  },
  'push-edited': {
    prepare: beforePush,
    command: ['sync'],
    meanwhile: ({ b }) => b.write(X, changed(TEXT, PUSHED)),
    files: { ...BASE, [X]: changed(TEXT, PUSHED), [NEW]: 'new\n' },
    sites: 65,
  },
  'push-others': {
    prepare: beforePush,
    command: ['sync'],
    meanwhile: async ({ a }) => {
      await a.sync()
      a.edit(X, text => changed(text, { five: 'a' }))
      await a.sync()
    },
    files: { ...BASE, [X]: changed(TEXT, { two: 'b', five: 'a' }), [NEW]: 'new\n' },
    sites: 65,
  },
  pull: {
    prepare: beforePull,
    command: ['sync'],
    files: { ...BASE, [X]: changed(TEXT, { two: 'a' }), [DEEP]: 'new\n' },
    sites: 65,
  },
  'pull-others': {
    prepare: beforePull,
    command: ['sync'],
    meanwhile: async ({ a }) => {
      a.edit(X, text => changed(text, { five: 'a' }))
      a.write(DEEP, 'new\nand more\n')
      await a.sync()
    },
    files: { ...BASE, [X]: changed(TEXT, { two: 'a', five: 'a' }), [DEEP]: 'new\nand more\n' },
    sites: 65,
  },
  merge: { prepare: beforeMerge, command: ['sync'], files: MERGED, sites: 90 },
  'merge-others': {
    prepare: beforeMerge,
    command: ['sync'],
    meanwhile: async ({ a }) => {
      a.edit(X, text => changed(text, { five: 'a' }))
      await a.sync()
    },
    files: { ...MERGED, [X]: changed(TEXT, { one: 'a', five: 'a', nine: 'b' }) },
    sites: 90,
  },
  'delete-here': { prepare: beforeDeleteHere, command: ['sync'], files: without(BASE, X, Y), sites: 60 },
  'delete-here-recreated': {
    prepare: beforeDeleteHere,
    command: ['sync'],
    meanwhile: async ({ a }) => {
      a.write(X, 'again\n')
      await a.sync()
    },
    files: { ...without(BASE, Y), [X]: 'again\n' },
    sites: 60,
  },
  'delete-there': {
    async prepare(devices) {
      await inStep(devices)
      devices.b.remove(X)
      devices.b.remove('data/sub')
    },
    command: ['sync'],
    files: without(BASE, X, Y),
    kept: [TEXT, BASE[Y] ?? ''],
    sites: 60,
  },
  rename: {
    async prepare(devices) {
      await inStep(devices)
      devices.b.rename('data/sub', 'data/sub-renamed')
      devices.b.rename(X, 'data/z.md')
    },
    command: ['sync'],
    files: { ...without(BASE, X, Y), 'data/z.md': TEXT, 'data/sub-renamed/y.md': BASE[Y] ?? '' },
    sites: 70,
  },
  conflict: {
    prepare: beforeConflict,
    command: ['sync'],
    files: { ...BASE, [X]: THEIRS },
    here: { [X]: OURS, [`${X}.conflict`]: THEIRS },
    conflicts: [X],
    sites: 50,
  },
  'resolve-local': {
    prepare: inConflict,
    command: resolve('local'),
    files: { ...BASE, [X]: OURS },
    sites: 75,
  },
  'resolve-remote': {
    prepare: inConflict,
    command: resolve('remote'),
    files: { ...BASE, [X]: THEIRS },
    sites: 70,
  },
  'resolve-both': {
    prepare: inConflict,
    command: resolve('both'),
    files: { ...BASE, [X]: THEIRS, 'data/x (device, date).md': OURS },
    sites: 90,
  },
  'resolve-file': {
    async prepare(devices) {
      await inConflict(devices)
      return ['--take', `file=${devices.put('chosen.md', 'chosen\n')}`]
    },
    command: ['resolve', X],
    files: { ...BASE, [X]: 'chosen\n' },
    sites: 90,
  },
  'resolve-merged': {
    prepare: inConflict,
    command: resolve('merged'),
    files: { ...BASE, [X]: changed(TEXT, { two: 'b', five: 'a', nine: 'b' }) },
    sites: 90,
  },
  restore: {
    async prepare(devices) {
      const { b } = devices
      await beforePull(devices)
      await b.sync()
      b.bring(X, changed(b.read(X), { nine: 'b' }))
      const versions = (await b.run(['history'])).json
      return ['--version', String(versions.find(({ path }) => path === X).version)]
    },
    command: ['restore', X],
    files: { ...BASE, [DEEP]: 'new\n' },
    sites: 30,
  },
  approve: { prepare: held, command: ['approve'], files: {}, kept: Object.values(BASE), sites: 65 },
  'approve-paths': {
    prepare: held,
    command: ['approve', X, 'data/sub'],
    files: without(BASE, X, Y),
    here: none(without(BASE, X, Y)),
    kept: [TEXT, BASE[Y] ?? ''],
    sites: 65,
  },
  'restore-held': { prepare: held, command: ['restore-held'], files: BASE, sites: 60 },
  'restore-held-paths': {
    prepare: held,
    command: ['restore-held', X, 'data/sub/**'],
    files: BASE,
    here: none(without(BASE, X, Y)),
    sites: 60,
  },
  'rules-exclude': {
    async prepare(devices) {
      await inStep(devices)
      devices.b.configure(EXCLUDING)
    },
    command: ['sync'],
    files: BASE,
    sites: 50,
  },
  'rules-include': {
    async prepare(devices) {
      const { a, b } = devices
      await inStep(devices)
      b.configure(EXCLUDING)
      await b.sync()
      b.remove('data/sub')
      await b.sync()
      a.write(X, changed(TEXT, { two: 'a' }))
      await a.sync()
      b.configure(CONFIG)
    },
    command: ['sync'],
    files: { ...BASE, [X]: changed(TEXT, { two: 'a' }) },
    sites: 75,
  },
  'rules-private': {
    async prepare(devices) {
      await inStep(devices, ['FILE_SYNC_USER_ID=ann'])
      devices.b.configure({
        syncFilePatterns: ['data/**', '!data/keep.md'],
        privateSyncFilePatterns: ['data/keep.md'],
      })
      devices.b.write('data/keep.md', 'private\n')
    },
    command: ['sync'],
    files: BASE,
    here: { 'data/keep.md': 'private\n' },
    own: { 'data/keep.md': 'private\n' },
    sites: 75,
  },
  'own-edits': {
    async prepare(devices) {
      const { b } = devices
      await inStep(devices)
      b.write(X, changed(TEXT, { two: 'b' }))
      b.write(J, recordBy('b'))
      b.remove('data/sub')
      b.rename('data/more.md', 'data/moved.md')
    },
    command: ['sync'],
    files: {
      ...without(BASE, Y, 'data/more.md'),
      [X]: changed(TEXT, { two: 'b' }),
      [J]: recordBy('b'),
      'data/moved.md': 'more\n',
    },
    kept: [TEXT, RECORD, BASE[Y] ?? ''],
    sites: 70,
  },
}
