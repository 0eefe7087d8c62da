import { expect, test } from 'vitest'
import { AdapterError } from '../../engine/ports/adapter.ts'
import { isBusy, toAdapterError } from './errors.ts'

function sqliteError(code: string): Error {
  return Object.assign(new Error('what SQLite says'), { code })
}

test.each([
  ['SQLITE_BUSY', 'busy', true],
  ['SQLITE_BUSY_SNAPSHOT', 'busy', true],
  ['SQLITE_LOCKED', 'busy', true],
  ['SQLITE_FULL', 'quota', true],
  ['SQLITE_READONLY_DBMOVED', 'denied', false],
  ['SQLITE_CANTOPEN_ISDIR', 'not-found', true],
  ['SQLITE_NOTADB', 'invalid', false],
  ['SQLITE_CORRUPT_INDEX', 'invalid', false],
  ['SQLITE_TOOBIG', 'too-large', false],
  ['SQLITE_CONSTRAINT_TRIGGER', 'invalid', false],
  ['SQLITE_ERROR', 'schema', true],
  ['SQLITE_IOERR_WRITE', 'unknown', true],
  ['SQLITE_NOMEM', 'unknown', true],
])('R13 %s is %s, retryable: %s', (code, kind, retryable) => {
  const cause = sqliteError(code)
  const error = toAdapterError(new Error('Failed query', { cause }), '/x/sync.db')
  expect(error).toMatchObject({ code: kind, retryable })
  expect(error.message.length).toBeGreaterThan(20)
  expect(isBusy(cause)).toBe(kind === 'busy')
})

test('an AdapterError stays what it is, and anything else is unknown', () => {
  const own = new AdapterError('schema', 'x', { retryable: false })
  expect(toAdapterError(own, '/x')).toBe(own)
  expect(toAdapterError(new RangeError('odd'), '/x')).toMatchObject({ code: 'unknown', retryable: true })
  expect(isBusy('SQLITE_BUSY')).toBe(false)
})
