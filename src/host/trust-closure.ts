/**
 * A custom adapter's module with everything that it imports by a relative path, each file with its hash:
 * what a person agrees to run, because a change in any of them is a change of the code.
 *
 * Specifiers are found in the text and not by running it. What is only known at run time (`import(name)`)
 * and packages in node_modules are not covered; docs/adapters.md says so.
 */
import { hash } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readRegularFile } from '../platform/regular-file.ts'

/** Of one file; a bundle of a driver may be large. */
const MOST_BYTES = 32 * 2 ** 20

export interface CodeFile {
  /** Real path. */
  readonly path: string
  /** SHA-256 of its bytes, in hex. */
  readonly hash: string
}

/** The module first, then what it imports, each once. Throws what the file system throws. */
export function codeClosure(path: string): CodeFile[] {
  const files = new Map<string, CodeFile>()
  const waiting = [realpathSync.native(path)]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (files.has(next)) continue
    const bytes = readRegularFile(next, MOST_BYTES)
    if (bytes === null) continue
    files.set(next, { path: next, hash: hash('sha256', bytes, 'hex') })
    if (isCode(next)) waiting.push(...relativeImports(bytes.toString('utf8'), next))
  }
  return [...files.values()]
}

/**
 * Any text in quotes after `from`, `import` or `require`: rather one too many (in a comment, say) than one
 * too few. Only files that are there count.
 */
const SPECIFIER = /\b(?:from|import|require)\s*\(?\s*(['"`])((?:\.{1,2}\/|\/|file:)[^'"`\n]*)\1/g

function relativeImports(text: string, importer: string): string[] {
  return [...text.matchAll(SPECIFIER)].flatMap(([, , specifier = '']) =>
    existing(pathOf(specifier, importer)),
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
