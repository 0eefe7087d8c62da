/**
 * A custom adapter's module with everything that it imports from files of its own, each file with its hash: what a
 * person agrees to run, because a change in any of them is a change of the code.
 *
 * Specifiers are found in the text and not by running it: relative ones, and those that package.json maps to files
 * (`#name`). What only shows when it runs is asked about then (`adapters/custom/agreed-code.ts`); packages in
 * node_modules are not covered, and docs/adapters.md says so.
 */
import { hash } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CodeFile } from '../adapters/custom/agreed-code.ts'
import { readRegularFile } from '../platform/regular-file.ts'

/** Of one file; a bundle of a driver may be large. */
const MOST_BYTES = 32 * 2 ** 20

/** The module first, then what it imports and what it was seen to load, each once. Throws what the file system throws. */
export function codeClosure(path: string, seen: readonly string[] = []): CodeFile[] {
  const files = new Map<string, CodeFile>()
  const waiting = [realpathSync.native(path), ...seen.flatMap(existing)]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (files.has(next)) continue
    const bytes = readRegularFile(next, MOST_BYTES)
    if (bytes === null) continue
    files.set(next, { path: next, hash: hash('sha256', bytes, 'hex') })
    if (isCode(next)) waiting.push(...importsOf(bytes.toString('utf8'), next))
  }
  return [...files.values()]
}

/**
 * Any text in quotes after `from`, `import` or `require`: rather one too many (in a comment, say) than one
 * too few. Only files that are there count.
 */
const SPECIFIER = /\b(?:from|import|require)\b[\s(]*(['"`])((?:\.{1,2}\/|\/|file:|#)[^'"`\n]*)\1/g
/** `createRequire(…)('./file')` has its specifier elsewhere: any text that looks like a relative path may be one. */
const RELATIVE_TEXT = /(['"`])(\.{1,2}\/[^'"`\n]*\.(?:[cm]?[jt]s|json|node))\1/g

function importsOf(text: string, importer: string): string[] {
  const specifiers = [...text.matchAll(SPECIFIER), ...text.matchAll(RELATIVE_TEXT)].map(
    ([, , specifier = '']) => specifier,
  )
  return specifiers.flatMap(specifier =>
    specifier.startsWith('#') ? mapped(specifier, importer) : existing(pathOf(specifier, importer)),
  )
}

function pathOf(specifier: string, importer: string): string {
  const bare = specifier.replace(/[?#].*$/, '')
  if (bare.startsWith('file:')) return URL.canParse(bare) ? fileURLToPath(bare) : bare
  return resolve(dirname(importer), decoded(bare))
}

/** Import specifiers are URLs, so a space in one is written %20. */
function decoded(specifier: string): string {
  try {
    return decodeURIComponent(specifier)
  } catch {
    return specifier
  }
}

/** Of all conditions: which of them holds shows when it runs. */
function mapped(specifier: string, importer: string): string[] {
  const found = packageAbove(dirname(importer))
  if (found === null) return []
  const targets = Object.entries(found.imports).flatMap(([key, target]) => {
    const [before = '', after] = key.split('*')
    const isMatch =
      after === undefined
        ? key === specifier
        : specifier.startsWith(before) && specifier.endsWith(after) && specifier.length >= key.length
    const star = after === undefined ? '' : specifier.slice(before.length, specifier.length - after.length)
    return isMatch ? textsIn(target).map(text => text.replaceAll('*', star)) : []
  })
  return targets
    .filter(target => target.startsWith('./'))
    .flatMap(target => existing(join(found.folder, target)))
}

interface Package {
  readonly folder: string
  readonly imports: Readonly<Record<string, unknown>>
}

function packageAbove(folder: string): Package | null {
  const file = join(folder, 'package.json')
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    return { folder, imports: importsIn(readRegularFile(file, MOST_BYTES)?.toString('utf8') ?? '') }
  return dirname(folder) === folder ? null : packageAbove(dirname(folder))
}

function importsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    const isMap = typeof value === 'object' && value !== null && 'imports' in value
    return isMap && typeof value.imports === 'object' && value.imports !== null ? { ...value.imports } : {}
  } catch {
    return {}
  }
}

function textsIn(target: unknown): string[] {
  if (typeof target === 'string') return [target]
  return typeof target === 'object' && target !== null ? Object.values(target).flatMap(textsIn) : []
}

/** `require` finds a module also without its extension, and a folder's index. */
const COMPLETIONS = ['', '.js', '.cjs', '.json', '/index.js', '/index.cjs']

function existing(path: string): string[] {
  return COMPLETIONS.map(completion => path + completion)
    .filter(candidate => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true)
    .slice(0, 1)
    .map(candidate => realpathSync.native(candidate))
}

function isCode(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path)
}
