/**
 * What is shipped, as a bill of materials by CycloneDX (https://cyclonedx.org): npm lists what the lock file names, with
 * hashes; this leaves in what comes along beside our files, was bundled into them, or runs them.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundledPackages, shippedPackages } from './shipped-packages.mjs'

/** Of a large lock file, in bytes. */
const MOST_OUTPUT = 64 * 1024 * 1024

/**
 * @typedef {object} Component
 * @property {string} name
 * @property {string} version
 * @property {string} purl
 * @property {string} bom-ref
 * @property {string} [scope]
 * @property {{ license?: { id?: string, name?: string }, expression?: string }[]} [licenses]
 * @property {{ alg: string, content: string }[]} [hashes]
 * @property {{ name: string, value: string }[]} [properties]
 */

/**
 * The packages must be installed and `out/` built.
 * @returns {{ components: Component[], dependencies: { ref: string, dependsOn?: string[] }[], [key: string]: unknown }}
 */
export function softwareBill(root) {
  const shipped = new Map()
  for (const each of shippedPackages(root)) shipped.set(keyOf(each), { ...each, way: 'beside' })
  for (const each of bundledPackages(root)) shipped.set(keyOf(each), { ...each, way: 'bundled' })
  const runtime = installed(root, 'electron')
  shipped.set(keyOf(runtime), { ...runtime, way: 'runtime of the desktop app' })
  const bill = listedByNpm(root)
  const components = bill.components
    .filter(component => shipped.has(keyOf(component)))
    .map(component => told(component, shipped.get(keyOf(component))))
  const kept = new Set([...components.map(each => each['bom-ref']), bill.metadata.component['bom-ref']])
  const dependencies = bill.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(each => kept.has(each)) }))
  return { ...bill, components, dependencies }
}

/** How many packages it names. */
export function writeSoftwareBill(root, file) {
  const bill = softwareBill(root)
  writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`)
  return bill.components.length
}

/** npm calls what we bundle a development dependency, which is wrong of the product. */
function told(component, { license, way }) {
  return {
    ...component,
    scope: 'required',
    licenses: component.licenses ?? [{ license: { id: license } }],
    properties: [{ name: 'lockstep:shipped', value: way }],
  }
}

function listedByNpm(root) {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']
  // Within `npm run` the npm that runs it; by itself the one on the path.
  const npm = process.env['npm_execpath']
  const [command, ...before] = npm === undefined ? ['npm'] : [process.execPath, npm]
  const options = { cwd: root, encoding: /** @type {const} */ ('utf8'), maxBuffer: MOST_OUTPUT }
  return JSON.parse(execFileSync(command, [...before, ...args], options))
}

function installed(root, name) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
}

function keyOf({ name, version }) {
  return `${name}@${version}`
}
