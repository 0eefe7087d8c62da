/**
 * The sources that go into the user's Convex project, as they are in this folder's `functions`.
 *
 * Each ends with a mark that tells a file as it was written from one that somebody has edited since; so what
 * an older version has left can be replaced without asking, and nothing else.
 */
import { createHash } from 'node:crypto'

declare global {
  interface ImportMeta {
    /** Vite puts the texts of the files in its place (https://vite.dev/guide/features#glob-import). */
    readonly glob: (
      pattern: string,
      options: { readonly query: '?raw'; readonly import: 'default'; readonly eager: true },
    ) => Readonly<Record<string, string>>
  }
}

export interface ShippedFile {
  /** Relative to the folder of the project's functions, with `/`. */
  readonly path: string
  readonly text: string
}

const MARK = '\n// lockstep setup convex wrote this; unchanged, it may be replaced: '

const SOURCES = import.meta.glob('./functions/**/*.ts', { query: '?raw', import: 'default', eager: true })

export const SHIPPED_FILES: readonly ShippedFile[] = Object.entries(SOURCES).map(([path, text]) => ({
  path: path.slice('./functions/'.length),
  text: marked(text),
}))

/** For a project that has no schema of its own. */
export const SCHEMA_TEXT = `import { defineSchema } from 'convex/server'
import { lockstepTables } from './lockstep/tables'

export default defineSchema({
  ...lockstepTables,
})
`

/** What a schema of the user's own needs: an import, and a line within \`defineSchema({ … })\`. */
export const SCHEMA_LINES = {
  import: "import { lockstepTables } from './lockstep/tables'",
  table: '...lockstepTables,',
} as const

/** Whether it is as some version of ours has written it; line ends do not count, for Git may change them. */
export function isAsWritten(text: string): boolean {
  const unix = toUnix(text)
  const at = unix.lastIndexOf(MARK)
  return at >= 0 && marked(unix.slice(0, at)) === unix
}

export function isSameText(one: string, other: string): boolean {
  return toUnix(one) === toUnix(other)
}

function marked(text: string): string {
  return `${text}${MARK}${createHash('sha256').update(text).digest('hex').slice(0, 16)}\n`
}

function toUnix(text: string): string {
  return text.replaceAll('\r\n', '\n')
}
