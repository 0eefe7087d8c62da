/** The code of a page in docs/, as a reader would copy it: each block that says which file it is. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** By file name. Throws where the page has none. */
function docsCode(page: string): Map<string, string> {
  const text = readFileSync(join(root, 'docs', page), 'utf8')
  const blocks = text.matchAll(/<!-- file: (\S+) -->\n+```\w+\n([\s\S]*?)^```$/gm)
  const files = new Map([...blocks].map(([, name = '', code = '']) => [name, code]))
  if (files.size === 0) throw new Error(`docs/${page} has no code that names its file`)
  return files
}

/** Writes it all into a folder. */
export function writeDocsCode(page: string, folder: string): void {
  for (const [name, code] of docsCode(page)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), code)
  }
}
