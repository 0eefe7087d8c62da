/**
 * What is opened by a click, and what is only shown in the file manager (pure). Synced files come from other
 * machines, and systems run programs by the same call that opens a text.
 */
import { extname } from 'node:path'

/** Texts, tables and pictures that no usual program runs. Not HTML and SVG, which carry scripts. */
const OPENED: ReadonlySet<string> = new Set(
  'json jsonc json5 jsonl ndjson md markdown mdx txt text log csv tsv yaml yml toml ini xml pdf png jpg jpeg gif webp bmp'
    .split(' ')
    .map(name => `.${name}`),
)

/** Folders that macOS takes for programs. */
const BUNDLES: ReadonlySet<string> = new Set([
  '.app',
  '.bundle',
  '.workflow',
  '.action',
  '.pkg',
  '.prefpane',
  '.scptd',
])

export function isOpened(path: string, isFolder: boolean): boolean {
  const type = extname(path).toLowerCase()
  return isFolder ? !BUNDLES.has(type) : OPENED.has(type)
}
