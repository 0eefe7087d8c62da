/** How SQLite finds what the state store asks for: by the content where there is one, not through all of the history. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { openStateStore } from './store.ts'

test('R16 the history of one content is found by its digest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-state-'))
  const prepare = vi.spyOn(Database.prototype, 'prepare')
  const path = join(folder, 'state.db')
  const store = openStateStore(path)
  await store.pruneHistory(1_800_000_000_000)
  store.close()
  const texts = new Set(prepare.mock.calls.map(([text]) => text))
  prepare.mockRestore()

  const database = new Database(path)
  const searches = [...texts]
    // The oldest of a budget are what the index of the budgets is for.
    .filter(text => /history/.test(text) && /digest = /.test(text) && !/ORDER BY h\.id/.test(text))
    .flatMap(text => {
      const explained = `EXPLAIN QUERY PLAN ${text.replaceAll(/\?|@\w+/g, "'any'")}`
      return database.prepare<[], { detail: string }>(explained).all()
    })
    .filter(({ detail }) => /^SEARCH (?:h|history) /.test(detail))
  database.close()
  rmSync(folder, { recursive: true })
  expect(searches.length).toBeGreaterThan(5)
  expect(searches.filter(({ detail }) => /history_by_budget/.test(detail))).toEqual([])
})
