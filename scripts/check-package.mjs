/**
 * What can be known of the packed desktop app without packing it: electron-builder's own schema takes the
 * configuration, its own filters pick the files, and what they pick is laid out and loaded from there.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { parseSync } from 'vite'
import { builderConfig } from '../build/electron-builder.mjs'
import { importsOf, packageOf } from './lib/imports.mjs'
import { shippedPackages, writeLicences } from './lib/shipped-packages.mjs'

const root = dirname(import.meta.dirname)
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
// app-builder-lib is electron-builder's own; reached through it, as it would be at packing.
const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder'))
const { validateConfiguration } = builder('app-builder-lib/out/util/config/config.js')
const { getMainFileMatchers, getNodeModuleFileMatcher } = builder('app-builder-lib/out/fileMatcher.js')

const MEGABYTE = 1024 * 1024
/** Our own code with what is bundled into it: about 5 MB when this was written. */
const MOST_OWN_BYTES = 8 * MEGABYTE
/** With the packages beside it, for one system: about 52 MB when this was written. */
const MOST_PACKED_BYTES = 80 * MEGABYTE

const PLATFORMS = ['linux', 'darwin', 'win32']

const problems = []
for (const variant of /** @type {const} */ (['hardened', 'test'])) await checkConfiguration(variant)
checkIdentity()
const packages = shippedPackages(root)
checkLicences()
for (const platform of PLATFORMS) checkNativeCode(platform)
const packed = packedFiles(PLATFORMS.includes(process.platform) ? process.platform : 'linux')
const externals = checkImports()
checkPages()
checkLoading()
const sizes = checkSizes()

if (problems.length > 0) console.log(problems.join('\n'))
console.log(
  `${packed.length} files would be packed, ${megabytes(sizes.own)} of our own, ${megabytes(sizes.all)} with ${packages.length} packages`,
)
process.exitCode = problems.length > 0 || packed.length === 0 ? 1 : 0

/** Throws away nothing: what the schema says is what a person needs to read. */
async function checkConfiguration(variant) {
  const env = { LOCKSTEP_UPDATE_FEED: 'https://example.invalid/lockstep' }
  for (const each of [{}, env]) {
    const config = builderConfig({ variant, platform: 'linux', env: each })
    try {
      await validateConfiguration(structuredClone(config), { isEnabled: false, add: () => {} })
    } catch (error) {
      problems.push(`the ${variant} configuration: ${error.message}`)
    }
  }
  checkFeedIsSafe(variant)
  const { electronFuses, extraResources, mac } = builderConfig({ variant, platform: 'linux', env: {} })
  const inspects = electronFuses?.enableNodeCliInspectArguments
  if (inspects !== (variant === 'test'))
    problems.push(`the ${variant} configuration has the other inspector fuse`)
  const entries = [extraResources, mac?.extraFiles].flatMap(each => (Array.isArray(each) ? each : []))
  for (const entry of entries) {
    const from = typeof entry === 'object' ? (entry.from ?? '') : entry
    // scripts/dist.mjs gathers the licences just before.
    if (from !== 'out/licenses' && !existsSync(join(root, from))) problems.push(`${from} is missing`)
  }
}

function checkFeedIsSafe(variant) {
  for (const feed of ['http://example.invalid/lockstep', 'file:///srv/lockstep', 'example.invalid']) {
    try {
      builderConfig({ variant, platform: 'linux', env: { LOCKSTEP_UPDATE_FEED: feed } })
      problems.push(`the ${variant} configuration takes ${feed} for new versions`)
    } catch {
      // As it should be.
    }
  }
}

/** The app names itself to the system by the same name as its packages do. */
function checkIdentity() {
  const { appId, extraMetadata } = builderConfig({ variant: 'hardened', platform: 'linux', env: {} })
  const source = readFileSync(join(root, 'src/main/identity.ts'), 'utf8')
  const [, own] = /APP_ID = '([^']+)'/.exec(source) ?? []
  if (own !== appId || extraMetadata?.desktopName !== `${own}.desktop`) {
    problems.push(
      `src/main/identity.ts says ${own}, the packages say ${appId} and ${extraMetadata?.desktopName}`,
    )
  }
  if (manifest.main !== 'out/main/index.js') problems.push(`package.json starts ${manifest.main}`)
}

/** One system's package has that system's native code, and no other's. */
function checkNativeCode(platform) {
  const own = platform === 'linux' ? /^linux(musl)?-/ : new RegExp(`^${platform}-`)
  const native = packedFiles(platform).filter(file => file.endsWith('.node'))
  const names = native.map(file => file.split(sep).at(-1) ?? '')
  if (names.length === 0 || !names.every(name => own.test(name))) {
    problems.push(`for ${platform} the native code [${names}] would be packed`)
  }
}

function checkLicences() {
  for (const { name, license, text } of packages) {
    if (license === '' && text === '') problems.push(`${name} comes along without a licence`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-licences-'))
  try {
    writeLicences(root, folder)
    const empty = readdirSync(folder).filter(name => statSync(join(folder, name)).size === 0)
    if (empty.length > 0) problems.push(`no licences in ${empty}`)
  } catch (error) {
    problems.push(`the licences could not be gathered: ${error.message}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As electron-builder picks them, by its own functions: relative to the root. */
function packedFiles(platform) {
  const { files } = builderConfig({ variant: 'hardened', platform, env: {} })
  // So it keeps a plain list.
  const config = { files: [{ filter: files }] }
  const debugLogger = { isEnabled: false }
  const info = { projectDir: root, buildResourcesDir: 'build', config, debugLogger }
  const expand = text => text
  const out = join(root, 'dist')
  const own = getMainFileMatchers(root, root, expand, {}, { info }, out, false)
  const beside = getNodeModuleFileMatcher(root, root, expand, {}, info)
  return [
    ...own.flatMap(matcher => under(root, matcher.createFilter())),
    ...packages.flatMap(({ folder }) => under(folder, beside.createFilter())),
  ].map(file => relative(root, file))
}

/** The files of a folder, without its packages. A folder that the filter refuses is not entered. */
function under(folder, filter) {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.name === 'node_modules' || !filter(path, statSync(path))) return []
    if (entry.isDirectory()) return under(path, filter)
    return entry.isFile() ? [path] : []
  })
}

/** Follows the app's imports: each leads to a packed file or to a package that comes along. */
function checkImports() {
  const there = new Set(packed)
  const reached = new Set()
  const needed = new Set()
  const walk = (file, way) => {
    if (reached.has(file)) return
    reached.add(file)
    if (!there.has(file)) {
      problems.push(`${way} is not packed`)
      return
    }
    const code = readFileSync(join(root, file), 'utf8')
    for (const specifier of importsOf(parseSync('chunk.js', code).program)) {
      if (specifier.startsWith('.')) walk(join(dirname(file), specifier), `${way} → ${specifier}`)
      else if (isBuiltin(specifier) || specifier === 'electron') continue
      else if (manifest.dependencies[packageOf(specifier)] !== undefined) needed.add(specifier)
      else problems.push(`${way} imports ${specifier}, which is not in the dependencies of package.json`)
    }
  }
  walk(join('out', 'main', 'index.js'), 'out/main/index.js')
  walk(join('out', 'main', 'host-process.js'), 'out/main/host-process.js')
  walk(join('out', 'preload', 'index.cjs'), 'out/preload/index.cjs')
  if (reached.size < 3) problems.push('the walk through out/main ended at once')
  return [...needed]
}

/** What the page's first file names is packed, too. */
function checkPages() {
  const page = join('out', 'renderer', 'index.html')
  const there = new Set(packed)
  const text = there.has(page) ? readFileSync(join(root, page), 'utf8') : ''
  const named = [...text.matchAll(/(?:src|href)="\.?\/([^"]+)"/g)].map(([, file = '']) => file)
  if (named.length === 0) problems.push('out/renderer/index.html names no file')
  for (const file of named) {
    if (!there.has(join('out', 'renderer', file)))
      problems.push(`the page names ${file}, which is not packed`)
  }
}

/** Lays out what would be packed, and loads from there every package that the app asks for. */
function checkLoading() {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-packed-'))
  try {
    for (const file of packed) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      lay(join(root, file), join(folder, file))
    }
    const script = `for (const name of ${JSON.stringify(externals)}) {
      try { await import(name) } catch (error) { console.log(name + ': ' + error.message.split('\\n')[0]); process.exitCode = 1 }
    }
    const { default: Database } = await import('better-sqlite3')
    new Database(':memory:').close()
    process.exit()`
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(folder, 'out', 'main'),
      encoding: 'utf8',
      stdio: 'pipe',
    })
  } catch (error) {
    problems.push(
      `what would be packed does not load:\n${error.stdout ?? ''}${error.stderr ?? error.message}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A second name where the disk allows it, else a copy. */
function lay(from, to) {
  try {
    linkSync(from, to)
  } catch {
    cpSync(from, to)
  }
}

function checkSizes() {
  const sum = files => files.reduce((total, file) => total + statSync(join(root, file)).size, 0)
  const own = sum(packed.filter(file => file.startsWith(`out${sep}`)))
  const all = sum(packed)
  if (own > MOST_OWN_BYTES)
    problems.push(`our own code has ${megabytes(own)}, at most ${megabytes(MOST_OWN_BYTES)} may be`)
  if (all > MOST_PACKED_BYTES)
    problems.push(`${megabytes(all)} would be packed, at most ${megabytes(MOST_PACKED_BYTES)} may be`)
  return { own, all }
}

function megabytes(bytes) {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`
}
