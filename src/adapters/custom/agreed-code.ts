/**
 * Holds a custom adapter's module to the code that a person has agreed to: what is trusted is what is loaded.
 *
 * Hooks of Node's module loader see each file at the moment it is loaded, whether it is named in the text, by package.json
 * ("imports"), by `createRequire` or at run time: its bytes are hashed, and run are these very bytes. What an agreed file
 * loads beside the agreed ones is refused. Packages in node_modules are not held to anything: who installs them agrees, and
 * they never sync. What the host program itself loads is none of ours.
 */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire, type LoadFnOutput, registerHooks, type ResolveFnOutput } from 'node:module'
import { dirname, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export interface CodeFile {
  /** Real path. */
  readonly path: string
  /** SHA-256 of its bytes, in hex. */
  readonly hash: string
}

export interface AgreedCode {
  /** The module first, then what it may load. */
  readonly files: readonly CodeFile[]
  /** It wants to load a file that is not among them. */
  readonly onUnknown?: (path: string) => void
}

interface Agreement {
  readonly mark: string
  readonly hashes: ReadonlyMap<string, string>
  readonly onUnknown: (path: string) => void
}

/** In the address of each module that is loaded under an agreement: under another one it is loaded anew. */
const MARK = 'sha256'
const PACKAGES = `${sep}node_modules${sep}`
/** Adapters may import what this very program offers. */
const OWN_FOLDER = dirname(fileURLToPath(import.meta.url)) + sep

const agreements = new Map<string, Agreement>()
/** By the file's path: what is required has no mark in its address. The latest agreement counts. */
const byPath = new Map<string, Agreement>()
/** What is about to be loaded, by its address. */
const expected = new Map<string, Agreement>()
let isHooked = false

/** The address by which the module is to be imported. Throws where this Node has no hooks. */
export function agreedAddress({ files, onUnknown = () => {} }: AgreedCode): string {
  hook()
  const [module] = files
  if (module === undefined) throw new Error('there is no module')
  const mark = hash('sha256', JSON.stringify(files.map(({ path, hash }) => [path, hash])), 'hex')
  const hashes = new Map(files.map(file => [file.path, file.hash]))
  const agreement = { mark, hashes, onUnknown }
  agreements.set(mark, agreement)
  for (const { path } of files) {
    byPath.set(path, agreement)
    Reflect.deleteProperty(required, path)
  }
  return withMark(pathToFileURL(module.path).href, agreement)
}

/** What was required stays as it was loaded, under whatever agreement. */
const required = createRequire(import.meta.url).cache

function hook(): void {
  if (isHooked) return
  if (typeof registerHooks !== 'function')
    throw new Error('this version of Node cannot check the code that is loaded. It takes Node 22.15 or later')
  registerHooks({
    resolve: (specifier, context, next) => resolved(next(specifier, context), context),
    load: (url, context, next) => loaded(url, next(url, context)),
  })
  isHooked = true
}

function resolved(
  found: ResolveFnOutput,
  {
    parentURL,
    conditions,
  }: { readonly parentURL?: string | undefined; readonly conditions?: readonly string[] },
): ResolveFnOutput {
  const { url } = found
  const path = pathOf(url)
  const marked = agreements.get(markOf(url))
  if (path !== null && marked?.hashes.has(path) === true) expected.set(url, marked)
  const agreement = agreementOf(parentURL)
  if (path === null || agreement === null || marked === agreement) return found
  if (!agreement.hashes.has(path)) {
    if (path.includes(PACKAGES) || path.startsWith(OWN_FOLDER)) return found
    agreement.onUnknown(path)
    const message = `${path} is code that nobody has agreed to run, and ${pathOf(parentURL ?? '')} loads it.`
    throw new Error(`${message} Read it; if you trust it, agree once more (--trust-adapter).`)
  }
  const address = conditions?.includes('import') === true ? withMark(url, agreement) : url
  expected.set(address, agreement)
  return { ...found, url: address }
}

function loaded(url: string, found: LoadFnOutput): LoadFnOutput {
  const agreement = expected.get(url)
  const path = pathOf(url)
  if (agreement === undefined || path === null) return found
  // What has no text, like a native module, is loaded by its name.
  const source = found.source ?? readFileSync(path)
  if (hash('sha256', bytesOf(source), 'hex') !== agreement.hashes.get(path))
    throw new Error(`${path} has changed since somebody agreed to run it. Look at it again.`)
  return found.source === null || found.source === undefined ? found : { ...found, source }
}

function agreementOf(parentURL: string | undefined): Agreement | null {
  if (parentURL === undefined) return null
  const path = pathOf(parentURL)
  return agreements.get(markOf(parentURL)) ?? (path === null ? null : (byPath.get(path) ?? null))
}

/** Null for what is no file: Node's own modules, text in an address. */
function pathOf(url: string): string | null {
  return url.startsWith('file:') ? fileURLToPath(url) : null
}

function markOf(url: string): string {
  const at = url.indexOf(`?${MARK}=`)
  return at === -1 ? '' : url.slice(at + MARK.length + 2)
}

function withMark(url: string, { mark }: Agreement): string {
  return `${url.replace(/[?#].*$/, '')}?${MARK}=${mark}`
}

function bytesOf(source: NonNullable<LoadFnOutput['source']>): Uint8Array | string {
  return source instanceof ArrayBuffer ? new Uint8Array(source) : (source as Uint8Array | string)
}
