/** A folder's files by path, and what each holds. */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** @returns {Map<string, { size: number, hash: string }>} sorted by path; without what never syncs */
export function treeOf(folder) {
  const names = readdirSync(join(folder, 'data'), { recursive: true, withFileTypes: true })
  const paths = names
    .filter(entry => entry.isFile() && !NEVER_SYNCED.test(entry.name))
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
  return new Map(
    paths.map(path => {
      const bytes = readFileSync(join(folder, path))
      return [path, { size: bytes.length, hash: createHash('sha256').update(bytes).digest('hex') }]
    }),
  )
}

// An engine's own temporary files are there for moments only.
const NEVER_SYNCED = /^(?:sync-config\.json|credentials\.json|sync\.db.*|_tmp-lockstep-.*)$/

/** @param {ReturnType<typeof treeOf>} a @param {ReturnType<typeof treeOf>} b */
export function differences(a, b) {
  const paths = new Set([...a.keys(), ...b.keys()])
  return [...paths].filter(path => a.get(path)?.hash !== b.get(path)?.hash).sort()
}
