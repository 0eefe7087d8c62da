/**
 * Takes a path or a content out of the history for good: the entries here, then (repack, store) the bytes from packs
 * and from the file. Runs inside the caller's transaction.
 */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type Database from 'better-sqlite3'
import type { Digest } from '../../engine/core/entry.ts'
import type { ScopeId } from '../../engine/ports/state-store.ts'
import { prepareRelease } from './prune.ts'

export type Erasure = { readonly path: string } | { readonly digest: Digest }

/** Why something must stay: a person has yet to decide about it, or it is what the file holds now. */
export interface Use {
  readonly path: string
  readonly by: 'conflict' | 'hold' | 'file'
}

export interface Erased {
  /** Of the history. */
  readonly entries: number
  /** Other paths in whose history the same contents are, and files that hold them now: there they stay. */
  readonly stillIn: readonly string[]
  /** Files beside the state that were set aside as damaged, or saved from under an engine: nobody can look into all of them. */
  readonly copies: readonly string[]
}

const NAMED_BY_PEOPLE = `
  SELECT path, 'conflict' AS by FROM conflicts
    WHERE path = @path OR @digest IN (base_digest, local_digest, remote_digest)
  UNION SELECT path, 'conflict' FROM resolutions WHERE content = @digest
  UNION SELECT path, 'hold' FROM holds WHERE path = @path OR digest = @digest`

/** What keeps it from being erased. Only files of `scopes` are of today's database, app and user. */
export function usesOf(sqlite: Database.Database, erasure: Erasure, scopes: readonly ScopeId[]): Use[] {
  const named = sqlite.prepare<[{ path: string | null; digest: Digest | null }], Use>(NAMED_BY_PEOPLE)
  const path = 'path' in erasure ? erasure.path : null
  const uses = new Map<string, Use>()
  for (const digest of [null, ...digestsOf(sqlite, erasure)]) {
    for (const use of named.all({ path, digest })) uses.set(use.path, use)
  }
  if ('digest' in erasure) {
    const isOfToday = new Set(scopes)
    for (const { scopeId, path: file } of basesWith(sqlite, erasure.digest)) {
      if (isOfToday.has(scopeId) && !uses.has(file)) uses.set(file, { path: file, by: 'file' })
    }
  }
  return [...uses.values()]
}

export function countEntries(sqlite: Database.Database, erasure: Erasure): number {
  return sqlite
    .prepare<[string], number>(`SELECT count(*) FROM history WHERE ${columnOf(erasure)} = ?`)
    .pluck()
    .get(valueOf(erasure))!
}

const SET_ASIDE = /^state-(?:damaged|rescued)-.*\.db(?:-wal|-shm)?$/

/** Beside the state at `path`. */
export function copiesBeside(path: string): string[] {
  const folder = dirname(path)
  return readdirSync(folder)
    .filter(name => SET_ASIDE.test(name))
    .sort()
    .map(name => join(folder, name))
}

export function eraseEntries(sqlite: Database.Database, erasure: Erasure): Omit<Erased, 'copies'> {
  const digests = digestsOf(sqlite, erasure)
  const { changes } = sqlite
    .prepare<[string]>(`DELETE FROM history WHERE ${columnOf(erasure)} = ?`)
    .run(valueOf(erasure))
  // A content's digest tells who knows the content.
  sqlite.prepare<[string]>(`DELETE FROM file_times WHERE ${columnOf(erasure)} = ?`).run(valueOf(erasure))
  const dropContent = sqlite.prepare<[Digest]>('DELETE FROM contents WHERE digest = ?')
  const dropPacked = sqlite.prepare<[Digest]>('DELETE FROM packed_contents WHERE digest = ?')
  const entriesWith = sqlite.prepare<[Digest], { path: string; own: number }>(
    'SELECT path, own FROM history WHERE digest = ?',
  )
  const release = prepareRelease(sqlite)
  const stillIn = new Set<string>()
  for (const digest of digests) {
    const entries = entriesWith.all(digest)
    // What another database's base holds is no reason to keep a content that is to go.
    const bases = 'digest' in erasure ? [] : basesWith(sqlite, digest)
    for (const { path } of [...entries, ...bases]) stillIn.add(path)
    if (entries.length + bases.length === 0) {
      dropContent.run(digest)
      dropPacked.run(digest)
    } else if (entries.every(({ own }) => own === 1)) release(digest)
  }
  return { entries: changes, stillIn: [...stillIn].sort() }
}

function digestsOf(sqlite: Database.Database, erasure: Erasure): Digest[] {
  if ('digest' in erasure) return [erasure.digest]
  return sqlite
    .prepare<[string], Digest>('SELECT DISTINCT digest FROM history WHERE path = ?')
    .pluck()
    .all(erasure.path)
}

function basesWith(sqlite: Database.Database, digest: Digest): { scopeId: ScopeId; path: string }[] {
  return sqlite
    .prepare<[Digest], { scopeId: ScopeId; path: string }>(
      'SELECT scope_id AS scopeId, path FROM base_entries WHERE digest = ?',
    )
    .all(digest)
}

function columnOf(erasure: Erasure): 'path' | 'digest' {
  return 'path' in erasure ? 'path' : 'digest'
}

function valueOf(erasure: Erasure): string {
  return 'path' in erasure ? erasure.path : erasure.digest
}
