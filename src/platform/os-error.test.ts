import { closeSync, fsyncSync, openSync, readFileSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { named } from './os-error.ts'

const thrownBy = (work: () => void): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

test('R12 a call on an open file says what file it failed on, once', () => {
  const file = openSync(devNull, 'r')
  closeSync(file)
  const error = thrownBy(() => fsyncSync(file))
  expect(named(error, '/state/engine.json')).toMatchObject({
    code: 'EBADF',
    path: '/state/engine.json',
    message: "EBADF: bad file descriptor, fsync '/state/engine.json'",
  })
  expect(named(error, '/elsewhere')).toMatchObject({ path: '/state/engine.json' })
})

test('what names its file already, and what is no failure of a call, stays', () => {
  const error = thrownBy(() => readFileSync(tmpdir())) as Error
  const { message } = error
  expect(named(Object.assign(error, { path: tmpdir() }), '/other')).toMatchObject({ path: tmpdir(), message })
  const plain = new Error('plain')
  expect(named(plain, '/other')).toBe(plain)
  expect(plain.message).toBe('plain')
})
