import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BackendDraft } from '../../contract/backend.ts'
import { diffOf, type DraftChanges, draftOf, saveDraft } from './draft.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-draft-'))
  mkdirSync(join(folder, 'data'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const keep = { edit: 'keep' } as const

function supabase(fields: BackendDraft['fields']): DraftChanges {
  return { patterns: null, backend: { kind: 'supabase', fields, appId: keep, userId: keep } }
}

const CONFIG = '{\r\n  "syncFilePatterns": ["data/**"],\r\n  "mine": { "a": [1,2] }\r\n}'

describe('saving a backend keeps everything else in both files, byte for byte', () => {
  test.each<[string, string, string]>([
    [
      'comments, CRLF, quotes, export, a repeated key, no final newline',
      '# top\r\nexport FILE_SYNC_BACKEND="drizzle" # chosen\r\nSUPABASE_URL=https://old.supabase.co\r\nOTHER=\'x\'\r\nSUPABASE_URL="https://last.supabase.co"\r\n\r\n# end',
      '# top\r\nexport FILE_SYNC_BACKEND="supabase" # chosen\r\nSUPABASE_URL=https://old.supabase.co\r\nOTHER=\'x\'\r\nSUPABASE_URL="https://new.supabase.co"\r\n\r\n# end\r\nSUPABASE_PUBLISHABLE_KEY=sb_publishable_1',
    ],
    [
      'an empty file',
      '',
      'FILE_SYNC_BACKEND=supabase\nSUPABASE_URL=https://new.supabase.co\nSUPABASE_PUBLISHABLE_KEY=sb_publishable_1\n',
    ],
  ])('%s', (_name, before, after) => {
    writeFileSync(join(folder, '.env'), before, { mode: 0o640 })
    writeFileSync(join(folder, 'data/sync-config.json'), CONFIG)
    saveDraft(
      draftOf(
        folder,
        supabase({
          SUPABASE_URL: { edit: 'set', value: 'https://new.supabase.co' },
          SUPABASE_PUBLISHABLE_KEY: { edit: 'set', value: 'sb_publishable_1' },
          SUPABASE_PASSWORD: { edit: 'clear' },
          SUPABASE_EMAIL: keep,
        }),
      ),
    )
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(after)
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o640)
    expect(readFileSync(join(folder, 'data/sync-config.json'), 'utf8')).toBe(CONFIG)
  })

  test('a new .env is for its owner alone', () => {
    saveDraft(draftOf(folder, supabase({ SUPABASE_URL: { edit: 'set', value: 'https://a.supabase.co' } })))
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600)
  })

  test('the difference that is shown hides secrets, old and new', () => {
    writeFileSync(join(folder, '.env'), 'SUPABASE_PASSWORD=old-secret\n')
    writeFileSync(join(folder, 'data/sync-config.json'), CONFIG)
    const draft = draftOf(folder, supabase({ SUPABASE_PASSWORD: { edit: 'set', value: 'new-secret' } }))
    const shown = JSON.stringify(diffOf(draft))
    expect(shown).not.toContain('secret')
    expect(diffOf(draft)[1]?.lines.map(line => [line.kind, line.text])).toEqual([
      ['remove', 'SUPABASE_PASSWORD=••••••'],
      ['add', 'SUPABASE_PASSWORD=••••••'],
      ['add', 'FILE_SYNC_BACKEND=supabase'],
    ])
  })

  test('the token changes when a file does', () => {
    const changes = supabase({})
    const before = draftOf(folder, changes).token
    expect(draftOf(folder, changes).token).toBe(before)
    writeFileSync(join(folder, '.env'), 'X=1\n')
    expect(draftOf(folder, changes).token).not.toBe(before)
  })

  test('a variable that is none of this backend is refused', () => {
    expect(() => draftOf(folder, supabase({ PATH: { edit: 'set', value: '/' } }))).toThrow(/PATH/)
  })
})

test('patterns of a folder without sync-config.json make one', () => {
  const draft = draftOf(folder, { patterns: { shared: ['data/**'], private: [] }, backend: null })
  expect(diffOf(draft)[0]?.kind).toBe('created')
  saveDraft(draft)
  const written: unknown = JSON.parse(readFileSync(join(folder, 'data/sync-config.json'), 'utf8'))
  expect(written).toEqual({ syncFilePatterns: ['data/**'], privateSyncFilePatterns: [] })
})
