/**
 * Puts the functions into a Convex project. A file that somebody has changed is not overwritten, and a schema
 * of the project's own never is: what it lacks is reported for a person to add.
 */
import { join, posix, resolve } from 'node:path'
import {
  isAsWritten,
  isSameText,
  SCHEMA_LINES,
  SCHEMA_TEXT,
  SHIPPED_FILES,
} from '../adapters/convex/shipped.ts'
import { diffLines } from '../engine/core/line-diff.ts'
import { splitLines } from '../engine/core/lines.ts'
import { ConfigurationError } from './errors.ts'
import { isThere, realFolder } from './locate-project.ts'
import { readSettingsFile, requireWithin, writeSettingsFile } from './settings-file.ts'

export interface ConvexSetupOptions {
  /** Overwrite files that somebody has changed, too. */
  readonly force: boolean
}

export type SetupFileState =
  | 'created'
  | 'unchanged'
  | 'replaced'
  /** Somebody has changed it, so neither it nor any other file was written. */
  | 'changed-by-you'

export interface SetupFile {
  /** Relative to the project, with `/`. */
  readonly file: string
  readonly state: SetupFileState
  /** What replacing it would change, in unified form; empty for the other states. */
  readonly difference: string
}

export interface SchemaReport {
  readonly file: string
  /** 'incomplete': it is the project's own, and lacks `lines`. */
  readonly state: 'created' | 'complete' | 'incomplete'
  readonly lines: readonly string[]
  /** It defines a table `files` of its own, which has to go: ours has its fields, and the indexes. */
  readonly hasOwnFilesTable: boolean
}

export interface ConvexSetupReport {
  /** The project's real path. */
  readonly folder: string
  readonly files: readonly SetupFile[]
  readonly schema: SchemaReport
  /** package.json names the package `convex`, which the functions import. */
  readonly hasConvexPackage: boolean
  /** Nothing is left for a person to decide before the functions can be deployed. */
  readonly isReady: boolean
}

/** Throws ConfigurationError where the folder is none that Convex could use. */
export function setUpConvex(picked: string, { force }: ConvexSetupOptions): ConvexSetupReport {
  const folder = realFolder(resolve(picked))
  const functions = functionsFolder(folder)
  const place = (path: string): string => posix.join(functions, path)
  const found = SHIPPED_FILES.map(({ path, text }) => ({
    text,
    ...compare(folder, place(path), text, force),
    file: place(path),
  }))
  const mayWrite = found.every(({ state }) => state !== 'changed-by-you')
  if (mayWrite) {
    const toWrite = found.filter(({ state }) => state !== 'unchanged')
    for (const { file } of toWrite) requireWithin(folder, file)
    for (const { file, text } of toWrite) writeSettingsFile(folder, file, text)
  }
  const schema = setUpSchema(folder, place, mayWrite)
  return {
    folder,
    files: found.map(({ file, state, difference }) => ({ file, state, difference })),
    schema,
    hasConvexPackage: hasConvexPackage(folder),
    isReady: mayWrite && schema.state !== 'incomplete' && !schema.hasOwnFilesTable,
  }
}

/** Project-relative: `convex`, unless convex.json says otherwise (https://docs.convex.dev/production/project-configuration). */
function functionsFolder(folder: string): string {
  const text = readIfThere(folder, 'convex.json')
  if (text === null) return 'convex'
  const settings = parsed(text, 'convex.json')
  const named = 'functions' in settings ? settings.functions : 'convex'
  if (typeof named === 'string') return named.replaceAll('\\', '/')
  throw new ConfigurationError('config-invalid', '"functions" must be the name of a folder.', {
    file: 'convex.json',
  })
}

function compare(
  folder: string,
  file: string,
  text: string,
  force: boolean,
): { readonly state: SetupFileState; readonly difference: string } {
  const before = readIfThere(folder, file)
  if (before === null) return { state: 'created', difference: '' }
  if (isSameText(before, text)) return { state: 'unchanged', difference: '' }
  if (force || isAsWritten(before)) return { state: 'replaced', difference: '' }
  return { state: 'changed-by-you', difference: difference(before, text) }
}

function setUpSchema(folder: string, place: (path: string) => string, mayWrite: boolean): SchemaReport {
  const own = ['schema.ts', 'schema.js'].find(name => isThere(join(folder, place(name))))
  if (own === undefined) {
    if (mayWrite) writeSettingsFile(folder, place('schema.ts'), SCHEMA_TEXT)
    return { file: place('schema.ts'), state: 'created', lines: [], hasOwnFilesTable: false }
  }
  const code = withoutComments(readIfThere(folder, place(own)) ?? '')
  const isComplete = /\.\.\.\s*lockstepTables\b/.test(code)
  return {
    file: place(own),
    state: isComplete ? 'complete' : 'incomplete',
    lines: isComplete ? [] : [SCHEMA_LINES.import, SCHEMA_LINES.table],
    hasOwnFilesTable: /(?:^|[{,\s])["']?files["']?\s*:\s*defineTable\b/.test(code),
  }
}

/** Good enough to tell whether a line is in use. */
function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

function hasConvexPackage(folder: string): boolean {
  const text = readIfThere(folder, 'package.json')
  if (text === null) return false
  const { dependencies, devDependencies } = parsed(text, 'package.json') as {
    readonly dependencies?: Readonly<Record<string, unknown>>
    readonly devDependencies?: Readonly<Record<string, unknown>>
  }
  return dependencies?.['convex'] !== undefined || devDependencies?.['convex'] !== undefined
}

function parsed(text: string, file: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ConfigurationError('config-invalid', 'It is not valid JSON.', { file, cause })
  }
  if (typeof value === 'object' && value !== null) return value
  throw new ConfigurationError('config-invalid', 'It must hold a JSON object.', { file })
}

function readIfThere(folder: string, file: string): string | null {
  return readSettingsFile(join(folder, file), file, 'config-invalid')
}

/** Lines of context around a change. */
const CONTEXT = 2

/** Only what changes and a little around it, as `diff -u` shows it. */
function difference(before: string, after: string): string {
  const [old, now] = [before, after].map(text => splitLines(text).map(line => line.replace(/[\r\n]+$/, '')))
  return diffLines(old!, now!)
    .map(({ baseStart, baseEnd, sideStart, sideEnd }) => {
      const from = Math.max(0, baseStart - CONTEXT)
      const to = Math.min(old!.length, baseEnd + CONTEXT)
      const lines = [
        `@@ line ${baseStart + 1} @@`,
        ...old!.slice(from, baseStart).map(line => ` ${line}`),
        ...old!.slice(baseStart, baseEnd).map(line => `-${line}`),
        ...now!.slice(sideStart, sideEnd).map(line => `+${line}`),
        ...old!.slice(baseEnd, to).map(line => ` ${line}`),
      ]
      return lines.join('\n')
    })
    .join('\n')
}
