import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { createMemoryDatabase } from '../adapters/memory/memory-database.ts'
import { AdapterError, type EngineAdapter } from '../engine/ports/adapter.ts'
import { loadProject } from './project.ts'
import { signIn, signsIn } from './signed-in-user.ts'

let folder: string
let env: Record<string, string>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-sign-in-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/sync-config.json'), '{ "privateSyncFilePatterns": ["data/mine/**"] }')
  env = {
    LOCKSTEP_HOME: join(folder, 'home'),
    FILE_SYNC_BACKEND: 'supabase',
    SUPABASE_URL: 'https://abc.supabase.co',
    SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_x',
    SUPABASE_EMAIL: 'ann@example.com',
    SUPABASE_PASSWORD: 'a secret',
    FILE_SYNC_USER_ID: 'of-the-settings',
  }
})

const as = (user: () => Promise<string | null>): EngineAdapter => ({
  ...createMemoryDatabase().adapter(),
  signedInUser: user,
})
const offline = (): Promise<never> =>
  Promise.reject(new AdapterError('offline', 'No answer.', { retryable: true }))

test('R15 the private channel is that of the user who signs in, not of another setting', async () => {
  const before = loadProject(folder, env)
  expect(signsIn(before.settings)).toBe(true)
  expect(before.userId).toBeNull()
  expect(
    await signIn(
      before.settings,
      as(async () => 'uid-ann'),
      env,
    ),
  ).toBe('uid-ann')
  const after = loadProject(folder, env)
  expect(after.userId).toBe('uid-ann')
  expect(after.rules.classify('data/mine/a.md')).toMatchObject({ kind: 'synced', channel: 'private' })
})

test('R13 a user who has signed in before is known offline; a new one must wait', async () => {
  const { settings } = loadProject(folder, env)
  await expect(signIn(settings, as(offline), env)).rejects.toMatchObject({ code: 'offline' })
  await signIn(
    settings,
    as(async () => 'uid-ann'),
    env,
  )
  expect(await signIn(settings, as(offline), env)).toBe('uid-ann')
  expect(
    await signIn(
      settings,
      as(async () => 'uid-new'),
      env,
    ),
  ).toBe('uid-new')
  expect(loadProject(folder, env).userId).toBe('uid-new')
})

test('another account is another user, and nothing secret is written down', async () => {
  await signIn(
    loadProject(folder, env).settings,
    as(async () => 'uid-ann'),
    env,
  )
  expect(loadProject(folder, { ...env, SUPABASE_EMAIL: 'bob@example.com' }).userId).toBeNull()
  const written = readFileSync(join(folder, 'home/signed-in-users.json'), 'utf8')
  expect(written).not.toMatch(/secret|example\.com|sb_publishable/)
})

test('without an account the setting counts', () => {
  const { SUPABASE_EMAIL: _, SUPABASE_PASSWORD: __, ...others } = env
  expect(loadProject(folder, others).userId).toBe('of-the-settings')
})
