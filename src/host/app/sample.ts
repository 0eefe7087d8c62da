/** A small project to try things with: a few notes and state files that sync with a database of their own. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createSyncConfigText } from '../../engine/core/sync-config.ts'
import { realFolder } from '../locate-project.ts'

const NAME = 'lockstep-sample'

const FILES: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify({ name: NAME, private: true }, null, 2)}\n`,
  'data/sync-config.json': createSyncConfigText(['data/**/*.json', 'data/**/*.md']),
  'data/notes/welcome.md': `# Welcome

This folder is kept in step with data/sync.db, a database of its own.

- Edit this file with any program, and watch the Activity.
- Delete a file, and find it again in its history.
- Change the patterns under Rules, and see what would start or stop syncing.
`,
  'data/notes/ideas.md': '# Ideas\n\n- One thing a line, so that two people can add one each.\n',
  'data/state/settings.json': `${JSON.stringify({ theme: 'system', language: 'en', shortcuts: { save: 'mod+s' } }, null, 2)}\n`,
  'data/state/tasks.json': `${JSON.stringify(
    { tasks: [{ id: 't1', title: 'Try a conflict', done: false }] },
    null,
    2,
  )}\n`,
}

/** The new project's path, in `parent`. Nothing that exists is touched. */
export function createSample(parent: string): string {
  const folder = freeName(realFolder(parent))
  for (const [path, content] of Object.entries(FILES)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content, { flag: 'wx' })
  }
  return folder
}

function freeName(parent: string): string {
  for (let number = 1; ; number++) {
    const folder = join(parent, number === 1 ? NAME : `${NAME}-${number}`)
    if (!existsSync(folder)) return folder
  }
}
