/** Folders that are renamed at the worst moment. */
import { expect, test } from 'vitest'
import { temporaryFiles } from '../support/tree.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

const ROUNDS = 5

test('R1 R9 a folder that is renamed just after a pull into it takes no temporary file along', async () => {
  await using world = new World()
  const { a, b } = world
  a.write('data/0/note.md', 'first\n')
  await world.watchAll()
  await world.inStep()
  for (let round = 1; round <= ROUNDS; round += 1) {
    a.write(`data/${round - 1}/note.md`, `edited ${round}\n`)
    await until(() => b.read(`data/${round - 1}/note.md`) === `edited ${round}\n`, 'the pull')
    b.rename(`data/${round - 1}`, `data/${round}`)
    await until(
      () => temporaryFiles(b.folder).length === 0,
      'the temporary file to go',
      () => temporaryFiles(b.folder).join('\n'),
    )
    await until(() => a.has(`data/${round}/note.md`) && !a.has(`data/${round - 1}`), 'the rename to travel')
  }
  expect((await world.inStep()).size).toBe(1)
})
