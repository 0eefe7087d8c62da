import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../adapters/memory/memory-database.ts'
import { compileRules } from '../engine/core/rules.ts'
import { parseSyncConfig } from '../engine/core/sync-config.ts'
import { VERSION_LIMIT } from '../engine/core/version.ts'
import type { EngineAdapter, FileSyncAdapter } from '../engine/ports/adapter.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { adoptRecords } from './adopt-records.ts'
import type { Project } from './project.ts'

const CONFIG = parseSyncConfig('{"privateSyncFilePatterns":["data/own/**"]}')
if (!CONFIG.ok) throw new Error(CONFIG.reason)
const PROJECT = {
  appId: 'app',
  userId: 'ann',
  rules: compileRules({ config: CONFIG.config, userId: 'ann' }),
} as unknown as Project & { readonly userId: string }

const row = (path: string, content: string, lastUpdated = 1_000) => ({
  path,
  content,
  app: 'app',
  ownerId: 'ann',
  lastUpdated,
})

/** Records of a server, with what is in their way; and the five methods alone. */
async function adapters(): Promise<readonly (readonly [string, EngineAdapter])[]> {
  const made: [string, EngineAdapter][] = []
  for (const kind of ['complete', 'five methods']) {
    const adapter = createMemoryDatabase().adapter()
    await adapter.set('app:data/own/a.md', row('data/own/a.md', 'a\n'))
    await adapter.set('app:data/own/same.md', row('data/own/same.md', 'same\n'))
    await adapter.set('app@ann:data/own/same.md', row('data/own/same.md', 'same\n', 2_000))
    await adapter.set('app:data/own/other.md', row('data/own/other.md', 'theirs\n'))
    await adapter.set('app@ann:data/own/other.md', row('data/own/other.md', 'ours\n', 2_000))
    await adapter.set('app:data/public.md', row('data/public.md', 'public\n'))
    await adapter.set('app:data/own/.env', row('data/own/.env', 'SECRET=1\n'))
    await adapter.set('app:data/own/last.md', row('data/own/last.md', 'last\n', VERSION_LIMIT - 1))
    const { query, get, set, delete: remove, subscribe } = adapter
    const plain: FileSyncAdapter = { query, get, set, delete: remove, subscribe }
    made.push([kind, kind === 'complete' ? adapter : plain])
  }
  return made
}

test('R8.18 takes over what has no other version, and leaves the rest with the reason', async () => {
  for (const [kind, adapter] of await adapters()) {
    const before = await adapter.query('app', 'ann')
    const shown = await adoptRecords(PROJECT, adapter, nodeClock, { isConfirmed: false })
    expect(shown, kind).toMatchObject({ isDone: false })
    expect(shown.adopted.toSorted()).toEqual(['data/own/a.md', 'data/own/last.md', 'data/own/same.md'])
    expect(await adapter.query('app', 'ann')).toEqual(before)

    const done = await adoptRecords(PROJECT, adapter, nodeClock, { isConfirmed: true })
    expect(done.adopted.toSorted(), kind).toEqual(['data/own/a.md', 'data/own/same.md'])
    expect(done.left.map(({ path }) => path).toSorted()).toEqual([
      'data/own/.env',
      'data/own/last.md',
      'data/own/other.md',
      'data/public.md',
    ])
    const reasonOf = (of: string) => done.left.find(({ path }) => path === of)!.reason
    expect(reasonOf('data/public.md')).toBe('no private pattern matches it')
    expect(reasonOf('data/own/.env')).toContain('it never syncs: ')
    const records = await adapter.query('app', 'ann')
    expect(records.map(({ id, data }) => `${id} ${data.content}`).sort()).toEqual([
      'app:data/own/.env SECRET=1\n',
      'app:data/own/last.md last\n',
      'app:data/own/other.md theirs\n',
      'app:data/public.md public\n',
      'app@ann:data/own/a.md a\n',
      'app@ann:data/own/other.md ours\n',
      'app@ann:data/own/same.md same\n',
    ])
    expect(records.find(({ id }) => id === 'app@ann:data/own/a.md')!.data.lastUpdated).toBeGreaterThan(1_000)
  }
})
