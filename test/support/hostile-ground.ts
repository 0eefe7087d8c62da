/** A LOCKSTEP_HOME with projects that somebody else may have made, the command line and the host in this process. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { onTestFinished } from 'vitest'
import type { HostClient } from '../../src/contract/contract.ts'
import type { FolderState } from '../../src/contract/state.ts'
import { Host } from '../../src/host/app/host.ts'
import { createRouter } from '../../src/host/app/router.ts'
import { commandHere, type Said } from './command-here.ts'

const SHELL = {
  kind: 'daemon',
  canPickFolder: false,
  canOpen: false,
  canStartAtLogin: false,
  hasNotifications: false,
  hasTray: false,
  platform: 'linux',
} as const

export interface RunningHost {
  readonly host: Host
  readonly client: HostClient
  folder(id: string): FolderState | undefined
}

/** Gone when the test has finished. */
export class HostileGround {
  readonly top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-hostile-')))
  readonly env: Record<string, string> = { LOCKSTEP_HOME: join(this.top, 'home') }

  constructor() {
    onTestFinished(() => rmSync(this.top, { recursive: true, force: true, maxRetries: 5 }))
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(join(this.top, path)), { recursive: true })
    writeFileSync(join(this.top, path), text)
  }

  project(name: string, env = ''): string {
    this.put(`${name}/package.json`, JSON.stringify({ name }))
    this.put(`${name}/.env`, env)
    this.put(`${name}/data/sync-config.json`, '{ "syncFilePatterns": ["data/**/*.md"] }')
    this.put(`${name}/data/a.md`, 'a')
    return join(this.top, name)
  }

  run(...args: readonly string[]): Promise<Said> {
    return commandHere(args, { cwd: this.top, env: this.env })
  }

  host(): RunningHost {
    const host = new Host({ env: this.env, shell: { info: SHELL }, command: 'a test', log: null })
    onTestFinished(() => host.close())
    const client: HostClient = createRouterClient(createRouter(host))
    return { host, client, folder: wanted => host.state().folders.find(({ id }) => id === wanted) }
  }
}
