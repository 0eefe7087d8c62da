/** A custom adapter is code from a project folder: the real command line asks before it runs. */
import { hash } from 'node:crypto'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { Project } from '../support/project.ts'

let project: Project
beforeEach(() => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-trust-')))
  onTestFinished(() => rmSync(top, { recursive: true, force: true }))
  project = new Project('bot', join(top, 'bot'), { LOCKSTEP_HOME: join(top, 'home') })
  project.configure({ syncFilePatterns: ['data/**'] })
  project.write('.env', 'FILE_SYNC_BACKEND=custom\nFILE_SYNC_ADAPTER=adapter.mjs\n')
  writeAdapter('first')
})

/** Empty, and says that it ran. */
function writeAdapter(word: string): void {
  project.write(
    'adapter.mjs',
    `import { writeFileSync } from 'node:fs'
     export default ({ project }) => {
       writeFileSync(project + '/ran.txt', '${word}')
       const done = async () => {}
       return { query: async () => [], get: async () => null, set: done, delete: done, subscribe: () => () => {} }
     }`,
  )
}

const sha256 = (): string => hash('sha256', readFileSync(project.at('adapter.mjs')), 'hex')

test.each(['watch', 'sync', 'status', 'plan'])(
  'R12 %s without an agreement ends with 2, shows path and hash, and runs nothing',
  async command => {
    const { code, stderr, stdout } = await project.run(command)
    expect(code).toBe(2)
    expect(stderr).toContain(project.at('adapter.mjs'))
    expect(stderr).toContain(sha256())
    expect(stderr).toContain('--trust-adapter')
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'adapter-untrusted' },
    })
    expect(project.has('ran.txt')).toBe(false)
  },
)

test('an agreement lasts until the file changes', async () => {
  const first = await project.run('sync', '--trust-adapter')
  expect(first.code).toBe(0)
  expect(first.stderr).toContain(sha256())
  expect(project.read('ran.txt')).toBe('first')
  expect((await project.run('status')).code).toBe(0)

  writeAdapter('second')
  expect((await project.run('sync')).code).toBe(2)
  expect(project.read('ran.txt')).toBe('first')
  const doctor = await project.run('doctor')
  expect(doctor.code).toBe(1)
  expect(doctor.stdout).toContain('adapter-untrusted')

  expect((await project.run('doctor', '--trust-adapter')).stdout).not.toContain('adapter-untrusted')
  expect((await project.run('sync')).code).toBe(0)
  expect(project.read('ran.txt')).toBe('second')
})

test('R12 an adapter that lacks a method ends with 2 and names it', async () => {
  project.write('adapter.mjs', 'export default () => ({ query() {}, get() {}, set() {}, delete() {} })')
  const { code, stderr } = await project.run('sync', '--trust-adapter')
  expect(code).toBe(2)
  expect(stderr).toContain('It has no subscribe().')
})

test('what lists history and conflicts runs no adapter and asks nothing', async () => {
  expect((await project.run('history')).code).toBe(0)
  expect((await project.run('conflicts')).code).toBe(0)
  expect(project.has('ran.txt')).toBe(false)
})
