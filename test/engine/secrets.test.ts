/** A file that holds what looks like a secret is not sent before a person has said so (R10.12, R10.13). */
import { readFileSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { createMemoryDatabase, type MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { secretScanner } from '../fakes/secret-scanner.ts'
import { decide, holdsOf } from '../support/decisions.ts'
import { MemoryDevice } from '../support/memory-devices.ts'
import { secretSample } from '../support/secret-samples.ts'

const NOTE = 'data/note.md'
const [TOKEN, OTHER] = [secretSample(1), secretSample(2)]

async function recordOf(database: MemoryDatabase, path = NOTE): Promise<string | null> {
  return (await database.adapter().get(`app:${path}`))?.data.content ?? null
}

/** As a program that writes rows. */
async function row(database: MemoryDatabase, content: string, path = NOTE): Promise<void> {
  const lastUpdated = Date.now()
  const record = { path, content, app: 'app', ownerId: 'shared', lastUpdated, createdAt: lastUpdated }
  await database.adapter().set(`app:${path}`, record)
}

const held = (device: MemoryDevice): string[] =>
  holdsOf(device).map(({ path, kind, side, reason }) => `${path} ${kind} ${side} ${reason}`)
const HELD = [`${NOTE} content remote secret`]

describe.concurrent('R10.12 a file with a token in it', () => {
  test('is not sent, stays as it is, and all else goes on; rule, line and a masked value are told', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(NOTE, `# Keys\n\n${TOKEN}\n`)
    device.write('data/plain.md', 'nothing of that\n')
    const events = await device.sync()
    expect(await recordOf(database)).toBeNull()
    expect(await recordOf(database, 'data/plain.md')).toBe('nothing of that\n')
    expect(device.read(NOTE)).toContain(TOKEN)
    expect(held(device)).toEqual(HELD)
    expect(device.state.loadStatus()).toMatchObject({ state: 'held', pending: 0 })
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'problem',
        code: 'secret',
        path: NOTE,
        message: expect.stringContaining(
          `GitHub token in line 3: ${TOKEN.slice(0, 4)}… (40 characters)`,
        ) as string,
      }),
    )
    expect(JSON.stringify(events)).not.toContain(TOKEN.slice(0, 8))
  })

  test('stays held when it is edited, and is told of once', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(NOTE, `${TOKEN}\n`)
    await device.sync()
    const { since } = holdsOf(device)[0]!
    for (const more of ['more', 'and more']) {
      device.write(NOTE, `${more}\n${TOKEN}\n`)
      const events = await device.sync()
      expect(events.filter(({ type }) => type === 'file')).toEqual([])
      expect(holdsOf(device)).toMatchObject([{ path: NOTE, since }])
    }
    expect(await recordOf(database)).toBeNull()
  })

  test('goes by itself once the token is taken out, and its hold with it', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(NOTE, `${TOKEN}\n`)
    await device.sync()
    device.write(NOTE, 'in the vault\n')
    const events = await device.sync()
    expect(await recordOf(database)).toBe('in the vault\n')
    expect(held(device)).toEqual([])
    expect(device.state.loadStatus()).toMatchObject({ state: 'idle', problems: 0 })
    expect(events).not.toContainEqual(expect.objectContaining({ type: 'problem' }))
  })

  test('is held no longer when it is deleted', async () => {
    await using device = new MemoryDevice(createMemoryDatabase())
    device.write(NOTE, `${TOKEN}\n`)
    await device.sync()
    unlinkSync(join(device.folder, NOTE))
    await device.sync()
    expect(held(device)).toEqual([])
    expect(device.state.loadStatus()).toMatchObject({ state: 'idle', problems: 0 })
  })

  test('that had none before keeps its record as it was, and its base', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(NOTE, 'before\n')
    await device.sync()
    device.write(NOTE, `before\n${TOKEN}\n`)
    await device.sync()
    expect(await recordOf(database)).toBe('before\n')
    expect(held(device)).toEqual(HELD)
    device.write(NOTE, 'before\n')
    await device.sync()
    expect(held(device)).toEqual([])
    expect(await recordOf(database)).toBe('before\n')
  })

  test('whose record is changed elsewhere meanwhile merges here, and still is not sent', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    const lines = (first: string, last: string): string =>
      [first, ...'a b c d e f g h'.split(' '), last, ''].join('\n')
    device.write(NOTE, lines('one', 'two'))
    await device.sync()
    device.write(NOTE, lines(TOKEN, 'two'))
    await device.sync()
    await row(database, lines('one', 'two, elsewhere'))
    await device.sync()
    expect(device.read(NOTE)).toBe(lines(TOKEN, 'two, elsewhere'))
    expect(await recordOf(database)).toBe(lines('one', 'two, elsewhere'))
    expect(held(device)).toEqual(HELD)
  })

  test('that a person takes for the current one in a conflict is held all the same', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database, {
      config: { conflictPolicy: [{ pattern: '**', policy: 'local' }] },
    })
    device.write(NOTE, 'before\n')
    await device.sync()
    device.write(NOTE, `${TOKEN}\n`)
    await row(database, 'elsewhere\n')
    await device.sync()
    expect(await recordOf(database)).toBe('elsewhere\n')
    expect(held(device)).toEqual(HELD)
  })
})

describe.concurrent('R10.12 what is known asks nobody', () => {
  test('a value that the record has', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    await row(database, `${TOKEN}\n`)
    await device.sync()
    device.write(NOTE, `edited\n${TOKEN}\n`)
    await device.sync()
    expect(await recordOf(database)).toBe(`edited\n${TOKEN}\n`)
  })

  test('and one beside it does', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    await row(database, `${TOKEN}\n`)
    await device.sync()
    device.write(NOTE, `${TOKEN}\n${OTHER}\n`)
    const events = await device.sync()
    expect(held(device)).toEqual(HELD)
    const told = events.filter(event => event.type === 'problem').map(({ message }) => message)
    expect(told).toEqual([expect.stringContaining('GitHub token in line 2: ')])
    expect(told[0]).not.toContain('line 1')
  })

  test('a file that was moved, or copied', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    await row(database, `${TOKEN}\n`)
    await device.sync()
    device.write('data/copy.md', `${TOKEN}\n`)
    await device.sync()
    expect(await recordOf(database, 'data/copy.md')).toBe(`${TOKEN}\n`)
  })

  test('a base that is too large to be kept: its record is read', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    const large = 'a line of words\n'.repeat(80_000)
    await row(database, `${large}${TOKEN}\n`)
    await device.sync()
    device.write(NOTE, `${large}more\n${TOKEN}\n`)
    await device.sync()
    expect(await recordOf(database)).toBe(`${large}more\n${TOKEN}\n`)
  })
})

describe.concurrent('R10.13 what a person allows', () => {
  test('goes, and is not asked about again in this file, nor in another', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(NOTE, `${TOKEN}\n`)
    await device.sync()
    await decide(device, 'approve')
    expect(await recordOf(database)).toBe(`${TOKEN}\n`)
    expect(held(device)).toEqual([])
    unlinkSync(join(device.folder, NOTE))
    device.write('data/other.json', JSON.stringify({ log: JSON.stringify({ token: TOKEN }) }))
    await device.sync()
    expect(await recordOf(database, 'data/other.json')).toContain(TOKEN)
    expect(held(device)).toEqual([])
  })

  test('opens the door for no other value', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(NOTE, `${TOKEN}\n`)
    await device.sync()
    await decide(device, 'approve')
    device.write(NOTE, `${TOKEN}\n${OTHER}\n`)
    await device.sync()
    expect(held(device)).toEqual(HELD)
    expect(await recordOf(database)).toBe(`${TOKEN}\n`)
  })

  test('is what was shown: a file that was edited since is asked about anew', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(NOTE, `${TOKEN}\n`)
    await device.sync()
    device.write(NOTE, `${OTHER}\n`)
    await decide(device, 'approve')
    expect(await recordOf(database)).toBeNull()
    expect(held(device)).toEqual(HELD)
  })

  test('in the private channel does not let it into the shared one', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database, { config: { privateSyncFilePatterns: ['data/own/**'] } })
    device.user = 'alice'
    device.write('data/own/keys.md', `${TOKEN}\n`)
    await device.sync()
    await decide(device, 'approve', device.ownScope)
    expect((await database.adapter().get('app@alice:data/own/keys.md'))?.data.content).toBe(`${TOKEN}\n`)
    device.write(NOTE, `as I said: ${TOKEN}\n`)
    await device.sync()
    expect(held(device)).toEqual(HELD)
  })

  test('nothing that is kept of it has the value in it', async () => {
    await using device = new MemoryDevice(createMemoryDatabase())
    device.write(NOTE, `${TOKEN}\n`)
    await device.sync()
    const added: unknown[] = []
    const { commit } = device.state
    device.state.commit = changes => {
      added.push(...changes.filter(({ kind }) => kind === 'trust-add' || kind === 'hold-set'))
      return commit.call(device.state, changes)
    }
    await decide(device, 'approve')
    expect(added).toHaveLength(1)
    expect(JSON.stringify(added)).not.toContain(TOKEN.slice(0, 8))
  })

  test('a person who wants to put it back is told that there is nothing to put back', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(NOTE, `${TOKEN}\n`)
    await device.sync()
    await decide(device, 'restore')
    expect(device.read(NOTE)).toBe(`${TOKEN}\n`)
    expect(await recordOf(database)).toBeNull()
    expect(held(device)).toEqual(HELD)
  })
})

test('R10.12 clean files cost a search over their bytes, and no rule is run over them', async () => {
  const scan = vi.spyOn(secretScanner, 'scan')
  const database = createMemoryDatabase()
  await using device = new MemoryDevice(database)
  const prose = readFileSync('README.md', 'utf8')
  for (let number = 0; number < 200; number += 1) {
    const text = prose.slice((number * 97) % 8_000).slice(0, 2_000)
    device.write(`data/${number}.md`, text)
    device.write(
      `data/${number}.json`,
      JSON.stringify({ number, text, url: 'https://acme.io/a?b=c@d' }, null, 2),
    )
  }
  await device.sync()
  expect(device.summary).toMatchObject({ pushed: 400 })
  expect(scan).not.toHaveBeenCalled()
  device.write('data/0.md', `${TOKEN}\n`)
  await device.sync()
  expect(scan).toHaveBeenCalled()
})
