/** The programs of a desktop that the daemon starts, in whose place stand some that note how they were started. */
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ground } from './daemon.ts'

export interface FakeDesktop {
  /** A desktop entry's name, and its Exec line. */
  readonly browser?: { readonly entry: string; readonly command: string }
  /** What opens a page that lies on the disk; the browser, where nothing is said. */
  readonly viewer?: string
}

export class FakePrograms {
  /** For PATH. */
  readonly folder: string
  /** For XDG_DATA_HOME. */
  readonly data: string
  readonly #log: string

  constructor(ground: Ground, { browser, viewer = browser?.entry ?? '' }: FakeDesktop = {}) {
    this.folder = join(ground.folder, 'programs')
    this.data = join(ground.folder, 'desktop')
    this.#log = join(ground.folder, 'opened.txt')
    const program = (name: string, script: string): void =>
      chmodSync(ground.write(`programs/${name}`, `#!/bin/sh\n${script}\n`), 0o755)
    program('xdg-open', `printf '%s\\n' "$@" >> '${this.#log}'`)
    program('xdg-settings', `printf '%s\\n' '${browser?.entry ?? ''}'`)
    program('xdg-mime', `printf '%s\\n' '${viewer}'`)
    if (browser === undefined) return
    const entry = `[Desktop Entry]\nName=Browser\nExec=${browser.command}\n`
    ground.write(`desktop/applications/${browser.entry}`, entry)
  }

  /** All that xdg-open was given. */
  opened(): string[] {
    if (!existsSync(this.#log)) return []
    return readFileSync(this.#log, 'utf8').split('\n').slice(0, -1)
  }
}
