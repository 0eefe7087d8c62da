/** Which SQL `doctor` prints for a Supabase project that refuses: none that opens more than was asked for. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { setupSql } from '../../adapters/supabase/setup-sql.ts'
import { examine } from '../doctor.ts'

interface Refusal {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

const UNSIGNED = ''
const SIGNED_IN = 'SUPABASE_EMAIL=ann@example.org\nSUPABASE_PASSWORD=a password\n'
const CLOSED = setupSql({ access: 'signed-in' })

/** As PostgREST and the sign-in answer. */
const FORBIDDEN = { status: 401, body: { code: '42501', message: 'permission denied for table files' } }
const NO_TABLE = { status: 404, body: { code: 'PGRST205', message: 'no table' } }
const WRONG_KEY = { status: 401, body: { message: 'Invalid API key' } }
const WRONG_PASSWORD = {
  status: 400,
  body: { code: 'invalid_credentials', message: 'Invalid login credentials' },
}

async function refusing(refusal: Refusal): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(refusal.status, { 'Content-Type': 'application/json', Connection: 'close' })
    response.end(JSON.stringify(refusal.body))
  })
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function project(url: string, extra: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-doctor-sql-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/sync-config.json'), '{ "syncFilePatterns": ["data/**"] }')
  const settings = `FILE_SYNC_BACKEND=supabase\nFILE_SYNC_APP_ID=app\nSUPABASE_URL=${url}\nSUPABASE_ANON_KEY=key\n`
  writeFileSync(join(folder, '.env'), settings + extra)
  return folder
}

test.each([
  ['grants are missing', FORBIDDEN, UNSIGNED, CLOSED],
  ['the table is missing', NO_TABLE, UNSIGNED, CLOSED],
  ['the key is wrong', WRONG_KEY, UNSIGNED, null],
  ['the password is wrong', WRONG_PASSWORD, SIGNED_IN, null],
])(
  'R17.6 where %s, doctor prints no SQL but what helps, and never lets everybody in',
  async (_why, refusal, env, sql) => {
    const folder = project(await refusing(refusal), env)
    const home = { LOCKSTEP_HOME: join(folder, 'home') }
    const report = await examine(folder, home)
    expect(report.checks.some(({ id, status }) => id.startsWith('database-') && status === 'failed')).toBe(
      true,
    )
    expect(report.sql).toBe(sql)
  },
)

test('R17.6 doctor prints the SQL that lets everybody in only where that was asked for', async () => {
  const folder = project(await refusing(FORBIDDEN), UNSIGNED)
  const report = await examine(folder, { LOCKSTEP_HOME: join(folder, 'home') }, 'anyone')
  expect(report.sql).toBe(setupSql({ access: 'anyone' }))
})

test('R17.6 doctor prints no SQL for a project that cannot be reached', async () => {
  const folder = project('http://127.0.0.1:9', UNSIGNED)
  expect((await examine(folder, { LOCKSTEP_HOME: join(folder, 'home') })).sql).toBeNull()
})
