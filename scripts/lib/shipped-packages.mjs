/** The packages that are shipped, with their licences: unbundled, `dependencies` and all that they need, and in our own files. */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const BUNDLED_PARTS = ['main', 'renderer']
/** As Vite writes them: `## name - 1.2.3 (MIT)`. Headings within a licence's text have no version. */
const BUNDLED = /^## (\S+) - (\d\S*) \((.+)\)$/gm

/**
 * @typedef {object} Shipped
 * @property {string} name
 * @property {string} version
 * @property {string} folder
 * @property {string} license by its SPDX name; empty where the package says none
 * @property {string} text of its licence file; empty where it has none
 */

/** @returns {Shipped[]} by name */
export function shippedPackages(root) {
  /** @type {Map<string, Shipped>} */
  const found = new Map()
  const { dependencies } = readJson(join(root, 'package.json'))
  for (const name of Object.keys(dependencies)) add(found, root, name, root)
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * What the build has taken into our own files, as its lists of licences name it.
 * @returns {{ name: string, version: string, license: string }[]} by name
 */
export function bundledPackages(root) {
  const found = new Map()
  for (const part of BUNDLED_PARTS) {
    const list = readFileSync(join(root, 'out', part, 'licenses.md'), 'utf8')
    for (const [, name = '', version = '', license = ''] of list.matchAll(BUNDLED)) {
      found.set(`${name}@${version}`, { name, version, license })
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Ours, those of what is bundled, and those of the packages beside it, in a folder that is made anew. */
export function writeLicences(root, folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(join(root, 'LICENSE'), join(folder, 'lockstep.txt'))
  for (const part of BUNDLED_PARTS) {
    cpSync(join(root, 'out', part, 'licenses.md'), join(folder, `bundled-in-${part}.md`))
  }
  const packages = shippedPackages(root).map(
    ({ name, version, license, text }) => `## ${name} ${version} (${license})\n\n${text}\n`,
  )
  writeFileSync(join(folder, 'packages.md'), `# Packages that come along\n\n${packages.join('\n')}`)
}

/** One that is missing was optional, or is of another platform. */
function add(found, root, name, from) {
  const folder = folderOf(root, name, from)
  if (folder === null || found.has(folder)) return
  const {
    version,
    license,
    licenses,
    dependencies = {},
    optionalDependencies = {},
  } = readJson(join(folder, 'package.json'))
  found.set(folder, {
    name,
    version,
    folder,
    license: licenseName(license ?? licenses?.[0]),
    text: licenseText(folder),
  })
  for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) add(found, root, each, folder)
}

/** As Node looks for it. */
function folderOf(root, name, from) {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    if (existsSync(join(folder, 'package.json'))) return folder
    if (at === root || at === dirname(at)) return null
  }
}

function licenseName(license) {
  return typeof license === 'string' ? license : (license?.type ?? '')
}

function licenseText(folder) {
  const [file] = globSync('{LICENSE,LICENCE,License,license}{,.*,-*}', { cwd: folder }).sort()
  return file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}
