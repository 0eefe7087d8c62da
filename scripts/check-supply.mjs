/**
 * What comes from others: exact versions with a hash each, install scripts of none but the named few, licences that
 * allow what we do, docs/dependencies.md about every package that we ask for, and a bill of materials that names all
 * that is shipped.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { softwareBill } from './lib/sbom.mjs'
import { bundledPackages, shippedPackages } from './lib/shipped-packages.mjs'

/** The only package whose install script may run. */
const MAY_RUN_SCRIPTS = ['node']

/** SPDX names of licences that ask for no more than to be named (scripts/dist.mjs gathers their texts). */
const LICENCES = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
])

const root = dirname(import.meta.dirname)
const manifest = readJson('package.json')
const lock = readJson('package-lock.json')
const asked = { ...manifest.dependencies, ...manifest.devDependencies }
const shipped = [...shippedPackages(root), ...bundledPackages(root)]

const problems = [
  ...versions(),
  ...origins(),
  ...installScripts(),
  ...licences(),
  ...documented(),
  ...billed(softwareBill(root)),
]
if (problems.length > 0) console.log(problems.join('\n'))
console.log(`${shipped.length} packages shipped, ${Object.keys(lock.packages).length} in package-lock.json`)
process.exitCode = problems.length > 0 || shipped.length === 0 ? 1 : 0

function versions() {
  return Object.entries(asked)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `package.json: ${name} is asked for as ${version}, which is no exact version`)
}

/** By a hash, so that no mirror can hand out another; never from a repository or an address. */
function origins() {
  return locked().flatMap(([path, { integrity = '', resolved = '', inBundle }]) => {
    if (inBundle === true) return []
    if (!integrity.startsWith('sha512-')) return [`package-lock.json: ${path} has no SHA-512`]
    return /^(git|file|http):/.test(resolved) ? [`package-lock.json: ${path} comes from ${resolved}`] : []
  })
}

function installScripts() {
  const { allowScripts } = manifest
  const decided = new Set(Object.keys(allowScripts))
  const allowed = Object.keys(allowScripts).filter(name => allowScripts[name] === true)
  const undecided = locked()
    .filter(([path, { hasInstallScript }]) => hasInstallScript === true && !decided.has(nameOf(path)))
    .map(
      ([path]) => `package.json: allowScripts says nothing of ${nameOf(path)}, which has an install script`,
    )
  const more = allowed.filter(name => !MAY_RUN_SCRIPTS.includes(name))
  return [...undecided, ...more.map(name => `package.json: allowScripts lets ${name} run a script`)]
}

function licences() {
  return shipped
    .filter(({ license }) => !LICENCES.has(license))
    .map(({ name, version, license }) => `${name} ${version} is shipped, and its licence is "${license}"`)
}

function documented() {
  const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
  const rows = new Set([...page.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name))
  const missing = Object.keys(asked).filter(name => !rows.has(name))
  const others = [...rows].filter(name => name !== undefined && asked[name] === undefined)
  return [
    ...missing.map(name => `docs/dependencies.md does not say why there is ${name}`),
    ...others.map(name => `docs/dependencies.md speaks of ${name}, which package.json does not ask for`),
  ]
}

function billed({ components }) {
  const named = new Map(components.map(each => [`${each.name}@${each.version}`, each]))
  return shipped.flatMap(({ name, version }) => {
    const component = named.get(`${name}@${version}`)
    if (component === undefined) return [`the bill of materials lacks ${name} ${version}`]
    const isWhole = component.hashes?.length === 1 && component.licenses?.length === 1
    return isWhole ? [] : [`the bill of materials has no hash or licence of ${name} ${version}`]
  })
}

/** Without our own package. @returns {[string, Record<string, any>][]} */
function locked() {
  return Object.entries(lock.packages).filter(([path, { link }]) => path !== '' && link !== true)
}

function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function readJson(name) {
  return JSON.parse(readFileSync(join(root, name), 'utf8'))
}
