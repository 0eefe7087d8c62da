/** What lies in a folder that a person is about to add: names and counts, never a value of .env. */
import { existsSync, lstatSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { parseEnv } from 'node:util'
import type { Inspection } from '../../contract/setup.ts'
import { deniedBy } from '../../engine/core/denylist.ts'
import { OPEN_VARIABLES } from '../../engine/core/secret-values.ts'
import { nameFault } from '../../engine/core/record-id.ts'
import { parseSyncConfig } from '../../engine/core/sync-config.ts'
import { errorMessage } from '../../platform/os-error.ts'
import { ConfigurationError } from '../errors.ts'
import { CONFIG_NAME, DEFAULT_CONTENT_ROOT, isThere, locateProject, realFolder } from '../locate-project.ts'
import { readSettingsFile } from '../settings-file.ts'
import { APP_VARIABLE } from './backend-forms.ts'
import { Slices } from './slices.ts'
import type { Walks } from './walk.ts'

/** Kinds of files that are told apart; the rest is counted in the total alone. */
const MOST_TYPES = 30
/** What agents and people write, and what is small enough to sync as text. */
const USUAL = new Set(['.json', '.md', '.txt', '.yaml', '.yml', '.toml', '.csv', '.html', '.xml', '.jsonl'])

const SECRET_VARIABLES = [
  'SUPABASE_PUBLISHABLE_KEY',
  'SUPABASE_ANON_KEY',
  'SUPABASE_PASSWORD',
  'CONVEX_SYNC_KEY',
]

export interface Known {
  readonly idOf: (folder: string) => string | null
  readonly walks: Walks
}

/** Throws ConfigurationError where there is no such folder. */
export async function inspect(picked: string, known: Known): Promise<Inspection> {
  const asked = realFolder(picked)
  const location = locateProject(asked)
  const path = location?.folder ?? projectAbove(asked)
  const warnings = path === asked ? [] : [`The project is the folder above it, ${path}.`]
  const packageJson = readPackage(path)
  const config = location === null ? null : readConfig(path, location.configFile)
  const contentFolder = location?.configFolder ?? DEFAULT_CONTENT_ROOT
  const env = readEnv(join(path, '.env'))
  if (env.fault !== null) warnings.push(env.fault)
  const name = packageJson?.name ?? basename(path)
  const appName = env.appId ?? name.replace(/^@[^/]*\//, '')
  const files = await countTypes(path, contentFolder, known.walks)
  if (files.isCut) warnings.push('The folder is very large; not all of it was looked at.')
  return {
    path,
    name,
    packageJson,
    appId: { value: appName, fault: nameFault('app', appName) },
    config,
    newConfigFile: `${DEFAULT_CONTENT_ROOT}/${CONFIG_NAME}`,
    contentRoot: { path: contentFolder, exists: existsSync(join(path, contentFolder)) },
    env: { exists: env.exists, variables: env.variables },
    files,
    suggested: suggestion(config, files.types, contentFolder),
    folderId: known.idOf(path),
    warnings,
  }
}

/** Whoever picks a project's content folder, before it is configured, means the project. */
function projectAbove(asked: string): string {
  const above = dirname(asked)
  const isContent = basename(asked) === DEFAULT_CONTENT_ROOT && !isThere(join(asked, 'package.json'))
  return isContent && isThere(join(above, 'package.json')) ? above : asked
}

function readPackage(folder: string): Inspection['packageJson'] {
  try {
    const text = readSettingsFile(join(folder, 'package.json'), 'package.json')
    if (text === null) return null
    const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    const isNamed = typeof parsed === 'object' && parsed !== null && 'name' in parsed
    return { name: isNamed && typeof parsed.name === 'string' ? parsed.name : null, fault: null }
  } catch (error) {
    return { name: null, fault: `package.json cannot be read: ${errorMessage(error)}` }
  }
}

function readConfig(folder: string, file: string): Inspection['config'] {
  const broken = (fault: string): Inspection['config'] => ({ file, shared: [], private: [], fault })
  const text = readOrFault(join(folder, file), file)
  if (text === null) return broken(`${file} has just been removed.`)
  if (typeof text !== 'string') return broken(text.fault)
  const parsed = parseSyncConfig(text)
  if (!parsed.ok) return broken(`${file}, line ${parsed.line}: ${parsed.reason}`)
  const patterns = (list: readonly { pattern: string }[]): string[] => list.map(({ pattern }) => pattern)
  return {
    file,
    shared: patterns(parsed.config.shared),
    private: patterns(parsed.config.private),
    fault: null,
  }
}

function readEnv(path: string): {
  exists: boolean
  variables: string[]
  appId: string | null
  fault: string | null
} {
  const text = readOrFault(path, '.env')
  if (text === null) return { exists: false, variables: [], appId: null, fault: null }
  if (typeof text !== 'string') return { exists: true, variables: [], appId: null, fault: text.fault }
  const values = parseEnv(text)
  const ours = [...OPEN_VARIABLES, ...SECRET_VARIABLES]
  const appId = values[APP_VARIABLE]?.trim() ?? ''
  return {
    exists: true,
    variables: ours.filter(variable => (values[variable] ?? '') !== ''),
    appId: appId === '' ? null : appId,
    fault: null,
  }
}

function readOrFault(path: string, file: string): string | null | { readonly fault: string } {
  try {
    return readSettingsFile(path, file)
  } catch (error) {
    if (error instanceof ConfigurationError) return { fault: error.message }
    throw error
  }
}

async function countTypes(folder: string, contentFolder: string, walks: Walks): Promise<Inspection['files']> {
  const walked = await walks.walk(folder)
  const prefix = contentFolder === '' ? '' : `${contentFolder}/`
  const slices = new Slices()
  const types = new Map<string, { count: number; bytes: number }>()
  let total = 0
  for (const path of walked.files) {
    const rest = slices.tick()
    if (rest !== undefined) await rest
    if (!path.startsWith(prefix) || deniedBy(path) !== null) continue
    total += 1
    const extension = extname(path).toLowerCase()
    const known = types.get(extension) ?? { count: 0, bytes: 0 }
    known.count += 1
    known.bytes += lstatSync(join(folder, path), { throwIfNoEntry: false })?.size ?? 0
    types.set(extension, known)
  }
  const sorted = [...types].sort(([, a], [, b]) => b.count - a.count).slice(0, MOST_TYPES)
  return {
    total,
    isCut: walked.isCut,
    types: sorted.map(([extension, { count, bytes }]) => ({
      extension,
      count,
      bytes,
      pattern: `${prefix}**/*${extension}`,
    })),
  }
}

function suggestion(
  config: Inspection['config'],
  types: Inspection['files']['types'],
  contentFolder: string,
): Inspection['suggested'] {
  if (config !== null && config.fault === null) return { shared: config.shared, private: config.private }
  const usual = types.filter(({ extension }) => USUAL.has(extension)).map(({ pattern }) => pattern)
  const root = contentFolder === '' ? '' : `${contentFolder}/`
  return { shared: usual.length > 0 ? usual : [`${root}**/*.json`, `${root}**/*.md`], private: [] }
}
