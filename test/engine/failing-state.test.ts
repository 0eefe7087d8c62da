/** A state that cannot be written for a while: the session fails, and the next one begins from what is stored (R1, R13.2). */
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { DiskFullError, failingStateStore } from '../fakes/failing-state-store.ts'
import { type DeviceOptions, MemoryDevice } from '../support/memory-devices.ts'

/** More commits than the session below makes. */
const MOST_COMMITS = 40

/** Fails at the n-th commit, and at all that follow until it is mended. */
function fullFrom(commit: number): DeviceOptions & { mend(): void; hasFailed(): boolean } {
  let commits = 0
  let isMended = false
  let hasFailed = false
  const fails = (): boolean => {
    commits += 1
    const isFull = !isMended && commits >= commit
    hasFailed ||= isFull
    return isFull
  }
  return {
    aroundState: state => failingStateStore(state, fails),
    mend: () => void (isMended = true),
    hasFailed: () => hasFailed,
  }
}

test('R13.2 whichever commit fails, nothing is lost, and the next session brings all into step', async () => {
  let failures = 0
  for (let commit = 1; commit <= MOST_COMMITS; commit++) {
    const database = createMemoryDatabase()
    const disk = fullFrom(commit)
    await using a = new MemoryDevice(database)
    await using b = new MemoryDevice(database, disk)
    for (const name of ['pulled', 'merged', 'gone', 'taken'])
      a.write(`data/${name}.md`, `${name}\n\n1\n\nend\n`)
    await a.sync()
    await b.sync().catch(expectFull)
    const hadAll = !disk.hasFailed()
    // Each kind of change meets the failing commit in one run or another.
    a.write('data/pulled.md', 'pulled anew\n')
    a.write('data/merged.md', 'merged\n\n1\n\nend of a\n')
    a.remove('data/gone.md')
    await a.sync()
    b.write('data/own.md', 'own\n')
    if (hadAll) {
      b.write('data/merged.md', 'merged by b\n\n1\n\nend\n')
      b.remove('data/taken.md')
    }
    await b.sync().catch(expectFull)
    if (disk.hasFailed()) failures += 1
    disk.mend()
    await b.sync()
    await a.sync()
    await b.sync()

    const gone = hadAll ? ['data/gone.md', 'data/taken.md'] : ['data/gone.md']
    const paths = ['data/gone.md', 'data/merged.md', 'data/own.md', 'data/pulled.md', 'data/taken.md']
    expect(b.paths(), `at commit ${commit}`).toEqual(paths.filter(path => !gone.includes(path)))
    expect(a.paths(), `at commit ${commit}`).toEqual(b.paths())
    const merged = hadAll ? 'merged by b\n\n1\n\nend of a\n' : 'merged\n\n1\n\nend of a\n'
    for (const device of [a, b]) {
      expect(device.read('data/merged.md'), `at commit ${commit}`).toBe(merged)
      expect(device.read('data/own.md')).toBe('own\n')
    }
    if (!disk.hasFailed()) break
  }
  // The last run is the one that got through.
  expect(failures).toBeGreaterThan(8)
  expect(failures).toBeLessThan(MOST_COMMITS)
})

function expectFull(error: unknown): void {
  if (!(error instanceof DiskFullError)) throw error
}
