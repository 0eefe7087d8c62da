/**
 * The packs in the database: base contents by their digest.
 *
 * A pack never changes, and its id never comes again: contents move by becoming part of a new pack.
 */
import type Database from 'better-sqlite3'
import type { Digest } from '../../engine/core/entry.ts'
import { type StoredBytes, asBuffer, decompress } from './contents.ts'
import type { NamedContent, Pack } from './pack.ts'
import { type packedContents, packs } from './schema.ts'
import { insertInto } from './statements.ts'

export interface Packs {
  has(digest: Digest): boolean
  /** Throws where the pack is damaged. */
  read(digest: Digest): Uint8Array | null
  /** Contents that another pack holds already stay where they are. */
  put(pack: Pack): void
}

type Place = Pick<typeof packedContents.$inferSelect, 'packId' | 'offset' | 'length'>

export function preparePacks(sqlite: Database.Database): Packs {
  const find = sqlite.prepare<[Digest], Place>(
    'SELECT pack_id AS packId, "offset", length FROM packed_contents WHERE digest = ?',
  )
  const load = sqlite.prepare<[Digest], Place & StoredBytes>(
    `SELECT c.pack_id AS packId, c."offset", c.length, p.codec, p.bytes
     FROM packed_contents c JOIN packs p ON p.id = c.pack_id WHERE c.digest = ?`,
  )
  const addPack = insertInto(sqlite, packs, 'id')
  const addContent = sqlite.prepare<[Digest, number, number, number]>(
    `INSERT INTO packed_contents (digest, pack_id, "offset", length) VALUES (?, ?, ?, ?)
     ON CONFLICT (digest) DO NOTHING`,
  )
  // Files that were synced together are merged together: a pack is mostly read several times in a row.
  let lastRead: { readonly packId: number; readonly raw: Uint8Array } | null = null

  return {
    has: digest => find.get(digest) !== undefined,

    read(digest) {
      const place = find.get(digest)
      if (place === undefined) return null
      if (lastRead?.packId === place.packId) return sliceOf(lastRead.raw, place)
      // In one statement, for another process may move the content at any time.
      const found = load.get(digest)
      if (found === undefined) return null
      lastRead = { packId: found.packId, raw: decompress(found) }
      return sliceOf(lastRead.raw, found)
    },

    put(pack) {
      const { codec, rawSize, bytes } = pack
      const packId = addPack({ codec, rawSize, bytes: asBuffer(bytes) })
      for (const { digest, offset, length } of pack.contents) addContent.run(digest, packId, offset, length)
    },
  }
}

/** All that a pack still holds, in its order. Throws where the pack is damaged. */
export function prepareUnpack(sqlite: Database.Database): (packId: number) => NamedContent[] {
  const list = sqlite.prepare<[number], Place & { digest: Digest }>(
    `SELECT digest, pack_id AS packId, "offset", length FROM packed_contents WHERE pack_id = ? ORDER BY "offset"`,
  )
  const load = sqlite.prepare<[number], StoredBytes>('SELECT codec, bytes FROM packs WHERE id = ?')
  return packId => {
    const places = list.all(packId)
    const stored = places.length === 0 ? undefined : load.get(packId)
    if (stored === undefined) return []
    const raw = decompress(stored)
    return places.map(place => ({
      digest: place.digest,
      bytes: raw.subarray(place.offset, place.offset + place.length),
    }))
  }
}

/** A copy, so that a small content does not keep its whole pack in memory. */
function sliceOf(raw: Uint8Array, place: Place): Uint8Array {
  return Uint8Array.prototype.slice.call(raw, place.offset, place.offset + place.length)
}
