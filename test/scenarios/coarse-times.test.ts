/** Real file systems whose times tick by the second or two (R1.1, R9.1), on loop devices: for root, and where the tools are. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Project } from '../support/project.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

const PATH = 'data/s.json'
const IMAGE_BYTES = 64 * 2 ** 20

const FILE_SYSTEMS = {
  'ext4 with small inodes': ['mkfs.ext4', '-q', '-F', '-I', '128'],
  FAT: ['mkfs.vfat'],
} as const

/** Why it cannot be mounted here; null where it is. */
function mountedOn(project: Project, make: readonly string[], folder: string): string | null {
  if (process.getuid?.() !== 0) return 'only root may mount'
  const image = join(folder, 'image')
  writeFileSync(image, '')
  truncateSync(image, IMAGE_BYTES)
  try {
    const [command, ...args] = make
    execFileSync(command!, [...args, image], { stdio: 'pipe' })
    mkdirSync(project.folder, { recursive: true })
    execFileSync('mount', ['-o', 'loop', image, project.folder], { stdio: 'pipe' })
  } catch (error) {
    return `no ${make[0]}, or nothing to mount it with: ${String(error)}`
  }
  return null
}

/** Just after the clock of file times has ticked: the tick lasts. */
async function atTick(): Promise<void> {
  await until(() => Date.now() % 2_000 < 100, 'an even second')
}

describe.each(Object.entries(FILE_SYSTEMS))('%s', (_, make) => {
  test('R9.1 R1.1 edits of one size within a tick are seen, pushed, and in the history', async context => {
    const world = new World({ names: ['a', 'b'] })
    const [a, b] = [world.a, world.b]
    const settings = ['package.json', '.env', 'data/sync-config.json'].map(
      path => [path, b.read(path)!] as const,
    )
    const reason = mountedOn(b, make, world.folder)
    onTestFinished(async () => {
      await b.kill()
      if (reason === null) execFileSync('umount', [b.folder])
      await world.close()
    })
    if (reason !== null) return context.skip(reason)
    for (const [path, text] of settings) b.write(path, text)
    a.write(PATH, '{"n":0}\n')
    await a.sync()
    await b.sync()
    await b.watch()
    await atTick()
    b.write(PATH, '{"n":1}\n')
    await until(() => world.databaseTree().get(PATH) === '{"n":1}\n', 'the first edit in the database')
    b.write(PATH, '{"n":2}\n')
    await until(() => world.databaseTree().get(PATH) === '{"n":2}\n', 'the second edit in the database')
    await a.sync()
    a.write(PATH, '{"n":7777}\n')
    await a.sync()
    await until(() => b.read(PATH) === '{"n":7777}\n', 'the edit of a')
    await until(() => b.engine!.isIdle, 'the engine to rest')
    expect((await b.history()).map(({ content }) => content)).toContain('{"n":2}\n')
    await b.stop()
    // From one one-shot command to the next.
    await atTick()
    b.write(PATH, '{"n":3}\n')
    await b.sync()
    b.write(PATH, '{"n":4}\n')
    await b.sync()
    expect(world.databaseTree().get(PATH)).toBe('{"n":4}\n')
  })
})
