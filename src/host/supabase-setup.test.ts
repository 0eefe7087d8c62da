import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { supabaseSetup } from './supabase-setup.ts'

const ACCOUNT = 'SUPABASE_EMAIL=ann@example.com\nSUPABASE_PASSWORD=a secret\n'

function project(extra = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-setup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/sync-config.json'), '{}')
  const settings =
    'FILE_SYNC_BACKEND=supabase\nSUPABASE_URL=https://abcdef.supabase.co\nSUPABASE_ANON_KEY=key\n'
  writeFileSync(join(folder, '.env'), settings + extra)
  return folder
}

test('R12 names the project’s own SQL editor, and what is still missing', () => {
  const { sql, notes } = supabaseSetup(project(), { access: 'signed-in' }, {})
  expect(notes[0]).toContain('https://supabase.com/dashboard/project/abcdef/sql/new')
  expect(notes[1]).toContain('sign up')
  expect(notes[2]).toContain('SUPABASE_EMAIL')
  expect(sql).toMatch(/create table if not exists public\.files/)
  expect(supabaseSetup(project(ACCOUNT), { access: 'signed-in' }, {}).notes).toHaveLength(2)
})

test('R15 lets nobody in without sign-in unless asked to, and then says what that means', () => {
  const closed = supabaseSetup(null, { access: 'signed-in' }, {})
  const open = supabaseSetup(null, { access: 'anyone' }, {})
  const toAnon = /create policy [^;]* to [^;]*\banon\b/
  expect(closed.sql).not.toMatch(toAnon)
  expect(open.sql).toMatch(toAnon)
  expect(open.sql).toContain('ANYONE WHO HAS THE PUBLISHABLE KEY')
  expect(open.notes.join(' ')).toContain('anyone who has the publishable key')
})
