import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { toProjectPath } from './project-path.ts'

/** A project `bot` with a file, a folder of the project's own name in it, and a link to it all. */
function projectFolder(): { top: string; folder: string } {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-path-')))
  onTestFinished(() => rmSync(top, { recursive: true, force: true }))
  const folder = join(top, 'bot')
  for (const path of ['data/notes', 'bot/data']) mkdirSync(join(folder, path), { recursive: true })
  for (const path of ['data/a.md', 'data/both.md', 'bot/data/both.md']) writeFileSync(join(folder, path), '')
  symlinkSync(folder, join(top, 'link'))
  return { top, folder }
}

test.each([
  // Named from the project, from wherever the command is started.
  ['', 'data/a.md', 'data/a.md'],
  ['bot', './data/a.md', 'data/a.md'],
  ['', 'data/gone.md', 'data/gone.md'],
  // As a shell completes it.
  ['', 'bot/data/a.md', 'data/a.md'],
  ['', './bot/data/a.md', 'data/a.md'],
  ['', 'link/data/a.md', 'data/a.md'],
  ['bot/data', 'a.md', 'data/a.md'],
  ['bot/data/notes', '../a.md', 'data/a.md'],
  ['', 'bot/data/notes/gone.md', 'data/notes/gone.md'],
  // The project's own comes first.
  ['', 'bot/data/both.md', 'bot/data/both.md'],
  // What lies elsewhere is the engine's to refuse.
  ['', '../x', '../x'],
  ['', 'elsewhere.md', 'elsewhere.md'],
])('from %j, %s is %s', (cwd, named, path) => {
  const { top, folder } = projectFolder()
  expect(toProjectPath(folder, named, join(top, cwd))).toBe(path)
})

test('absolute paths, by links too', () => {
  const { top, folder } = projectFolder()
  expect(toProjectPath(folder, join(folder, 'data/gone.md'), top)).toBe('data/gone.md')
  expect(toProjectPath(folder, join(top, 'link/data/a.md'), top)).toBe('data/a.md')
  expect(toProjectPath(folder, join(top, 'x.md'), top)).toBe(join(top, 'x.md'))
})
