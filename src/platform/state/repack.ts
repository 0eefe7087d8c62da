/**
 * Keeps the packs few and full: live edits make small ones, and most of a pack's contents may have become
 * unneeded. A step makes one new pack of several in one short transaction; stopping after any step leaves a
 * sound store, and the next pruning goes on from there.
 */
import type Database from 'better-sqlite3'
import { LARGEST_PACK_BYTES, LARGEST_PACK_CONTENTS, type NamedContent, groupForPacks, pack } from './pack.ts'
import { preparePacks, prepareUnpack } from './packs.ts'
import type { PruneStep } from './prune.ts'

interface PackUse {
  readonly id: number
  readonly rawSize: number
  /** Contents that it still holds, and their bytes before compression. */
  readonly count: number
  readonly live: number
}

/** A pack below both is small: joined with others it makes a usual one. */
const SMALL_BYTES = LARGEST_PACK_BYTES / 4
const SMALL_CONTENTS = LARGEST_PACK_CONTENTS / 4
/** Fewer small packs are left as they are, so that no content is rewritten often. */
const MANY_SMALL_PACKS = 16
/** How much one step reads: some 10 ms. Bytes before compression. */
const STEP_READ_BYTES = 4 * 1024 * 1024

/** Steps over the packs that are worth it as of the first step. */
export function repack(sqlite: Database.Database): PruneStep {
  // A damaged pack stays: reading from it goes on to fail, and the others are not held up.
  return stepsOver(sqlite, worthIt, () => undefined)
}

/** Steps over all packs in which anything lies that nothing names any longer; nothing of that is left in them. */
export function repackWithoutRemains(sqlite: Database.Database): PruneStep {
  const hasRemains = (use: PackUse): boolean => use.live < use.rawSize || use.count === 0
  // What lies in a damaged pack cannot be told, nor can any of it be read again.
  return stepsOver(sqlite, uses => uses.filter(hasRemains), prepareDrop(sqlite))
}

function stepsOver(
  sqlite: Database.Database,
  choose: (uses: readonly PackUse[]) => PackUse[],
  onDamaged: (packId: number) => void,
): PruneStep {
  const join = prepareJoin(sqlite, onDamaged)
  let groups: number[][] | null = null
  return () => {
    groups ??= grouped(choose(usesOf(sqlite)))
    const group = groups.shift()
    if (group === undefined) return null
    join(group)
    return 0
  }
}

function usesOf(sqlite: Database.Database): PackUse[] {
  return sqlite
    .prepare<[], PackUse>(
      `SELECT p.id, p.raw_size AS rawSize, count(c.pack_id) AS count, coalesce(sum(c.length), 0) AS live
       FROM packs p LEFT JOIN packed_contents c ON c.pack_id = p.id GROUP BY p.id ORDER BY p.id`,
    )
    .all()
}

function worthIt(uses: readonly PackUse[]): PackUse[] {
  const isMany = uses.filter(isSmall).length >= MANY_SMALL_PACKS
  return uses.filter(use => isMostlyUnneeded(use) || (isMany && isSmall(use)))
}

function grouped(uses: readonly PackUse[]): number[][] {
  const groups: number[][] = []
  let [live, count, read] = [Infinity, 0, 0]
  for (const use of uses) {
    live += use.live
    count += use.count
    read += use.rawSize
    if (live > LARGEST_PACK_BYTES || count > LARGEST_PACK_CONTENTS || read > STEP_READ_BYTES) {
      groups.push([])
      live = use.live
      count = use.count
      read = use.rawSize
    }
    groups.at(-1)!.push(use.id)
  }
  return groups
}

function isSmall(use: PackUse): boolean {
  return use.live < SMALL_BYTES && use.count < SMALL_CONTENTS
}

function isMostlyUnneeded(use: PackUse): boolean {
  return use.count === 0 || use.live * 2 < use.rawSize
}

function prepareDrop(sqlite: Database.Database): (packId: number) => void {
  const dropContents = sqlite.prepare<[number]>('DELETE FROM packed_contents WHERE pack_id = ?')
  const dropPack = sqlite.prepare<[number]>('DELETE FROM packs WHERE id = ?')
  return packId => {
    dropContents.run(packId)
    dropPack.run(packId)
  }
}

function prepareJoin(
  sqlite: Database.Database,
  onDamaged: (packId: number) => void,
): (packIds: readonly number[]) => void {
  const packs = preparePacks(sqlite)
  const unpack = prepareUnpack(sqlite)
  const drop = prepareDrop(sqlite)
  return packIds => {
    const kept: NamedContent[] = []
    for (const id of packIds) {
      const contents = readable(unpack, id)
      if (contents === null) onDamaged(id)
      else {
        kept.push(...contents)
        drop(id)
      }
    }
    for (const group of groupForPacks(kept)) packs.put(pack(group))
  }
}

function readable(unpack: (packId: number) => NamedContent[], packId: number): NamedContent[] | null {
  try {
    return unpack(packId)
  } catch {
    return null
  }
}
