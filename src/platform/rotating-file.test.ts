import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLog } from './logger.ts'
import { RotatingFile } from './rotating-file.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-log-'))
  path = join(folder, 'logs', 'lockstep.log')
})

afterEach(() => rmSync(folder, { recursive: true }))

test('lines are on the disk at once, and appended to what is there', () => {
  new RotatingFile(path).write('one\n')
  new RotatingFile(path).write('two\n')
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
})

test('nothing is made before the first line', () => {
  expect(new RotatingFile(path)).toBeDefined()
  expect(readdirSync(folder)).toEqual([])
})

test('the newest lines are kept, in a bounded number of bounded files', () => {
  const file = new RotatingFile(path, { maxBytes: 30, files: 3 })
  for (let index = 0; index < 50; index++) file.write(`line ${String(index).padStart(2, '0')}\n`)
  const names = readdirSync(join(folder, 'logs')).sort()
  expect(names).toEqual(['lockstep.log', 'lockstep.log.1', 'lockstep.log.2'])
  for (const name of names) expect(statSync(join(folder, 'logs', name)).size).toBeLessThanOrEqual(30)
  const lines = names
    .reverse()
    .flatMap(name => readFileSync(join(folder, 'logs', name), 'utf8').match(/\d+/g))
  expect(lines.at(-1)).toBe('49')
  expect(lines).toEqual(lines.map((_, index) => String(50 - lines.length + index)))
})

test('two processes that share it lose no line when one moves it on', () => {
  const one = new RotatingFile(path, { maxBytes: 100, files: 3 })
  const other = new RotatingFile(path, { maxBytes: 100, files: 3 })
  for (let index = 0; index < 20; index++) (index % 2 === 0 ? one : other).write(`line ${index}\n`)
  const text = ['.2', '.1', ''].map(suffix =>
    existsSync(path + suffix) ? readFileSync(path + suffix, 'utf8') : '',
  )
  expect(
    text
      .join('')
      .match(/\d+/g)
      ?.map(Number)
      .sort((a, b) => a - b),
  ).toEqual(Array.from({ length: 20 }, (_, i) => i))
})

test('a folder that cannot be written stops nothing', () => {
  writeFileSync(join(folder, 'logs'), 'a file in the way')
  expect(() => new RotatingFile(path).write('line\n')).not.toThrow()
})

test('the log is JSON lines with level, time and fields', () => {
  const log = openLog(join(folder, 'logs'))
  log.info('pulled', { path: 'data/a.md', count: 2 })
  log.debug('not at this level')
  log.error('cannot write', { error: 'ENOSPC', path: undefined })
  const [info, error] = lines()
  expect(info).toMatchObject({ level: 'info', msg: 'pulled', path: 'data/a.md', count: 2, pid: process.pid })
  expect(Date.parse(String(info?.['time']))).toBeGreaterThan(0)
  expect(error).toMatchObject({ level: 'error', error: 'ENOSPC' })
  expect(lines()).toHaveLength(2)
})

test('debug is written where it is asked for', () => {
  openLog(join(folder, 'logs'), { level: 'debug' }).debug('seen')
  expect(lines()).toMatchObject([{ level: 'debug', msg: 'seen' }])
})

test.each([
  ['a field with a secret name', 'x', { password: 'hunter2' }, 'hunter2'],
  ['a token', 'x', { token: 'hunter2' }, 'hunter2'],
  ['a URL in a message', 'cannot reach https://user:hunter2@host/db', {}, 'hunter2'],
  ['a URL in a field', 'x', { database: 'postgres://user:hunter2@host/db' }, 'hunter2'],
  ['a vendor key', 'with sb_secret_abc123', {}, 'abc123'],
  ['a JSON web token', 'x', { error: 'bad eyJhbGciOi.eyJzdWIiOiIx.c2ln here' }, 'eyJzdWIiOiIx'],
  [
    'a private key',
    'x',
    { error: '-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----' },
    'MIIabc',
  ],
])('%s is blotted out', (_name, message, fields, secret) => {
  openLog(join(folder, 'logs')).error(message, fields)
  const text = readFileSync(path, 'utf8')
  expect(text).not.toContain(secret)
  expect(text).toContain('[redacted]')
})

function lines(): Record<string, unknown>[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}
