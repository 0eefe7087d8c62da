import { expect, test } from 'vitest'
import { StateStoreError } from '../platform/state/state-store-error.ts'
import { stateFailure } from './state-failure.ts'

const env = { LOCKSTEP_HOME: '/var/lib/lockstep' }

function coded(code: string, path?: string): Error {
  return Object.assign(new Error(`said ${code}`), { code, ...(path === undefined ? {} : { path }) })
}

test.each([
  ['SQLITE_FULL', /disk .* is full\. Free some space/],
  ['SQLITE_READONLY_DIRECTORY', /cannot be written\. Give this user/],
  ['SQLITE_CANTOPEN_ISDIR', /cannot be written/],
  ['SQLITE_BUSY_SNAPSHOT', /locked/],
  ['SQLITE_IOERR_WRITE', /Check the disk/],
  ['SQLITE_CORRUPT', /damaged/],
])('R13.2 %s of the state says where it lies and what to do', (code, words) => {
  const message = stateFailure(coded(code), env)
  expect(message).toMatch(words)
  expect(message).toContain('/var/lib/lockstep')
  expect(message).toContain(`said ${code}`)
})

test('errors of the system are the state’s where their file lies in it', () => {
  expect(stateFailure(coded('ENOSPC', '/var/lib/lockstep/folders/1/engine.json'), env)).toMatch(/is full/)
  expect(stateFailure(coded('EROFS', '/var/lib/lockstep'), env)).toMatch(/cannot be written/)
  expect(stateFailure(coded('ENOSPC', '/var/lib/lockstep-other/x'), env)).toBeNull()
  expect(stateFailure(coded('ENOSPC'), env)).toBeNull()
  expect(stateFailure(new TypeError('x is not a function'), env)).toBeNull()
})

test('what the state store says itself is complete', () => {
  expect(stateFailure(new StateStoreError('newer', 'Update Lockstep here.'), env)).toBe(
    'Update Lockstep here.',
  )
})
