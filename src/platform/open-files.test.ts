import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, linkSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { putAsideName } from '../engine/core/temporary-name.ts'
import { openFilesOf } from './open-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-open-'))
const openFiles = openFilesOf(folder)
const at = (path: string): string => join(folder, path)

afterAll(() => rmSync(folder, { recursive: true }))

function open(path: string, flags: string): number {
  const file = openSync(at(path), flags)
  onTestFinished(() => closeSync(file))
  return file
}

describe('R1.2 who has a file open for writing', () => {
  beforeEach(context => {
    if (process.platform !== 'linux') context.skip('only Linux tells')
    writeFileSync(at('log.jsonl'), 'one\n')
    writeFileSync(at('other.md'), 'one\n')
  })

  test.each([
    ['nobody', [], 'none'],
    ['who reads it', ['r'], 'none'],
    ['who appends', ['a'], 'appending'],
    ['who reads and appends', ['a+'], 'appending'],
    ['who writes anywhere', ['r+'], 'writing'],
    ['several, one of whom writes anywhere', ['a', 'r+', 'a'], 'writing'],
  ])('%s', async (_, flags, writers) => {
    for (const flag of flags) open('log.jsonl', flag)
    expect(await openFiles.writersOf(['log.jsonl', 'other.md', 'missing/file.md'])).toEqual([
      writers,
      'none',
      'none',
    ])
  })

  test('it is told by the file, not by its name', async () => {
    open('log.jsonl', 'a')
    const aside = putAsideName('run-1', 'log.jsonl', '0123456789abcdef')
    linkSync(at('log.jsonl'), at(aside))
    writeFileSync(at('new'), 'one\ntwo\n')
    renameSync(at('new'), at('log.jsonl'))
    expect(await openFiles.writersOf(['log.jsonl', aside])).toEqual(['none', 'appending'])
  })

  test('also where its name was too long to be part of the second one', async () => {
    const name = `${'long'.repeat(50)}.md`
    writeFileSync(at(name), 'one\n')
    open(name, 'a')
    const aside = putAsideName('run-2', name, '0123456789abcdef')
    renameSync(at(name), at(aside))
    expect(await openFiles.writersOf([aside])).toEqual(['appending'])
  })

  test('another process', async () => {
    const file = openSync(at('log.jsonl'), 'a')
    const child = spawn('cat', { stdio: ['pipe', file, 'ignore'] })
    closeSync(file)
    await once(child, 'spawn')
    expect(await openFiles.writersOf(['log.jsonl'])).toEqual(['appending'])
    child.stdin!.end()
    await once(child, 'close')
    expect(await openFiles.writersOf(['log.jsonl'])).toEqual(['none'])
  })
})
