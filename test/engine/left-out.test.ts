/** Projects within a project, and Lockstep's own state (R10): left out on both sides, whatever they are called. */
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase, type MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import type { SessionEvent } from '../../src/engine/status.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

async function pathsOf(database: MemoryDatabase): Promise<string[]> {
  const records = await database.adapter().query('app', 'shared')
  return records.map(({ data }) => data.path).sort()
}

const problemsOf = (events: readonly SessionEvent[]): string[] =>
  events.flatMap(event => (event.type === 'problem' ? [`${event.code} ${event.path}`] : []))

describe('R10.3 a folder that is a project of its own', () => {
  test.each([
    ['by its content folder', ['data/inner/data/sync-config.json'], 'data/inner', true],
    ['by a configuration at its top', ['data/inner/sync-config.json'], 'data/inner', true],
    [
      'with content of another name',
      ['data/inner/package.json', 'data/inner/files/sync-config.json'],
      'data/inner',
      true,
    ],
    [
      'with content of another name, and no manifest',
      ['data/inner/files/sync-config.json'],
      'data/inner/files',
      true,
    ],
    ['further in', ['data/deep/er/inner/data/sync-config.json'], 'data/deep/er/inner', true],
    ['right in the content root', ['data/data/sync-config.json'], 'data/data', true],
    ['that holds state of ours', ['data/inner/folders/0123456789abcdef/state.db'], 'data/inner', true],
    ['with a manifest alone, which is none', ['data/inner/package.json'], 'data/inner', false],
    [
      'with the configuration of another program, which is none',
      ['data/inner/config.json'],
      'data/inner',
      false,
    ],
    [
      'with folders that are none of ours',
      ['data/inner/folders/0123456789abcdef/photo.jpg'],
      'data/inner',
      false,
    ],
  ])('%s', async (_, marks, folder, isLeftOut) => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    for (const mark of marks) device.write(mark, '{}')
    device.write(`${folder}/note.md`, 'inner\n')
    device.write('data/outer.md', 'outer\n')
    const events = await device.sync()
    const synced = await pathsOf(database)
    expect(synced).toContain('data/outer.md')
    expect(synced.includes(`${folder}/note.md`)).toBe(!isLeftOut)
    expect(problemsOf(events)).toEqual(isLeftOut ? [`left-out ${folder}`] : [])
  })

  test('its records make no files, and what was synced of it before is deleted nowhere', async () => {
    const database = createMemoryDatabase()
    await using a = new MemoryDevice(database)
    await using b = new MemoryDevice(database)
    a.write('data/inner/note.md', 'before\n')
    a.write('data/inner/gone.md', 'before\n')
    await a.sync()
    await b.sync()
    b.write('data/inner/data/sync-config.json', '{}')
    b.remove('data/inner/gone.md')
    b.write('data/inner/note.md', 'of the inner one\n')
    a.write('data/inner/new.md', 'new\n')
    a.write('data/outer.md', 'outer\n')
    await b.sync()
    await a.sync()
    await b.sync()
    expect(await pathsOf(database)).toEqual([
      'data/inner/gone.md',
      'data/inner/new.md',
      'data/inner/note.md',
      'data/outer.md',
    ])
    expect([a.read('data/inner/note.md'), b.read('data/inner/note.md')]).toEqual([
      'before\n',
      'of the inner one\n',
    ])
    expect(b.paths()).toEqual(['data/inner/data/sync-config.json', 'data/inner/note.md', 'data/outer.md'])
  })

  test('a project no longer, it syncs again: what is missing comes back, what was edited is an edit', async () => {
    const database = createMemoryDatabase()
    await using a = new MemoryDevice(database)
    await using b = new MemoryDevice(database)
    for (const name of ['kept', 'gone', 'edited']) a.write(`data/inner/${name}.md`, 'before\n')
    await a.sync()
    await b.sync()
    b.write('data/inner/sync-config.json', '{}')
    await b.sync()
    b.remove('data/inner/gone.md')
    b.write('data/inner/edited.md', 'edited\n')
    await b.sync()
    b.remove('data/inner/sync-config.json')
    await b.sync()
    expect(b.read('data/inner/gone.md')).toBe('before\n')
    await a.sync()
    expect(a.read('data/inner/edited.md')).toBe('edited\n')
    // And from then on a delete is one.
    b.remove('data/inner/kept.md')
    await b.sync()
    expect(await pathsOf(database)).toEqual(['data/inner/edited.md', 'data/inner/gone.md'])
  })

  test('a project that is moved away takes nothing along', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write('data/inner/note.md', 'before\n')
    await device.sync()
    device.write('data/inner/sync-config.json', '{}')
    await device.sync()
    renameSync(join(device.folder, 'data/inner'), join(device.folder, 'elsewhere'))
    await device.sync()
    expect(await pathsOf(database)).toEqual(['data/inner/note.md'])
    expect(device.read('data/inner/note.md')).toBe('before\n')
  })

  test('patterns that begin in it find nothing', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database, { config: { syncFilePatterns: ['data/inner/notes/**'] } })
    device.write('data/inner/data/sync-config.json', '{}')
    device.write('data/inner/notes/note.md', 'inner\n')
    await device.sync()
    expect(await pathsOf(database)).toEqual([])
    rmSync(join(device.folder, 'data/inner/data'), { recursive: true })
    mkdirSync(join(device.folder, 'data/inner/data'))
    await device.sync()
    expect(await pathsOf(database)).toEqual(['data/inner/notes/note.md'])
  })
})
