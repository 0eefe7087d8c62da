/** The functions that a Convex project needs: shown before they are written, and what is left to do afterwards. */
import type { SetupHelp } from '../../contract/backend.ts'
import { type ConvexSetupReport, setUpConvex } from '../setup-convex.ts'
import { SCHEMA_TEXT, SHIPPED_FILES } from '../../adapters/convex/shipped.ts'

/** As they lie in a project that has not moved its functions elsewhere. */
export function convexFiles(): SetupHelp {
  const files = SHIPPED_FILES.map(({ path, text }) => ({ path: `convex/${path}`, content: text }))
  return {
    kind: 'files',
    title: 'Functions and schema',
    text: 'These files go into your Convex project. A schema of your own stays; you are told which two lines to add to it.',
    files: [...files, { path: 'convex/schema.ts', content: SCHEMA_TEXT }],
  }
}

export interface WrittenFiles {
  readonly written: string[]
  /** Somebody has changed them, so nothing was written. */
  readonly exists: string[]
  /** What is left for a person, each one sentence or one line of code. */
  readonly next: string[]
}

export function writeConvexFiles(folder: string): WrittenFiles {
  const report = setUpConvex(folder, { force: false })
  const { files, schema } = report
  const written = files
    .filter(({ state }) => state === 'created' || state === 'replaced')
    .map(({ file }) => file)
  const exists = files.filter(({ state }) => state === 'changed-by-you').map(({ file }) => file)
  if (exists.length > 0) {
    const next = [
      `You have changed ${exists.join(', ')}. Move them away, or run: lockstep setup convex . --force`,
    ]
    return { written: [], exists, next }
  }
  return {
    written: schema.state === 'created' ? [...written, schema.file] : written,
    exists,
    next: nextOf(report),
  }
}

function nextOf({ schema, hasConvexPackage }: ConvexSetupReport): string[] {
  return [
    ...(schema.lines.length === 0 ? [] : [`Add to ${schema.file}:`, ...schema.lines]),
    ...(schema.hasOwnFilesTable
      ? [`Remove the table “files” from ${schema.file}: it is in lockstepTables.`]
      : []),
    ...(hasConvexPackage ? [] : ['Install the package: npm install convex']),
    'Deploy: npx convex deploy',
    'Set the key: npx convex env set CONVEX_SYNC_KEY <the same as in .env>',
  ]
}
