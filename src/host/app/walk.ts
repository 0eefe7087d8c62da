/**
 * The files of a folder that a person is about to set up, whatever their patterns: found in slices, bounded,
 * and kept for a moment, since the same folder is looked at again with each pattern that is typed.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { deniesFolder } from '../../engine/core/denylist.ts'
import { Slices } from './slices.ts'

export interface WalkedFolder {
  /** Project-relative, in the order in which a folder's entries are listed; links are left out. */
  readonly files: readonly string[]
  /** Folders that the denylist keeps everybody out of; with a final `/`. */
  readonly denied: readonly string[]
  /** There is more than was looked at. */
  readonly isCut: boolean
}

const MOST_FILES = 200_000
const MOST_FOLDERS = 50_000
/** In milliseconds. */
const KEPT_MS = 5_000

export class Walks {
  readonly #kept = new Map<string, Promise<WalkedFolder>>()

  walk(folder: string): Promise<WalkedFolder> {
    const known = this.#kept.get(folder)
    if (known !== undefined) return known
    const walking = walk(folder)
    this.#kept.set(folder, walking)
    const forget = (): void => void this.#kept.delete(folder)
    walking.then(() => setTimeout(forget, KEPT_MS).unref(), forget)
    return walking
  }
}

async function walk(root: string): Promise<WalkedFolder> {
  const slices = new Slices()
  const files: string[] = []
  const denied: string[] = []
  const queue = ['']
  let isCut = false
  for (let at = 0; at < queue.length; at++) {
    const folder = queue[at]!
    for (const entry of entriesOf(join(root, folder))) {
      const rest = slices.tick()
      if (rest !== undefined) await rest
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isFile()) files.push(path)
      else if (!entry.isDirectory()) continue
      else if (deniesFolder(path)) denied.push(`${path}/`)
      else if (queue.length < MOST_FOLDERS) queue.push(path)
      else isCut = true
    }
    if (files.length >= MOST_FILES) return { files, denied, isCut: true }
  }
  return { files, denied, isCut }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    // Gone meanwhile, or not for us to see; what syncs is found by the engine, which says so.
    return []
  }
}
