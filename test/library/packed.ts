/** The package as npm would publish it, installed in a folder of its own: for tests that use it as others do. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noteFolder, noteRemoved } from '../support/orphans.ts'

const root = join(import.meta.dirname, '..', '..')

export interface Consumer {
  /** Has the package in its node_modules, and nothing else. */
  readonly folder: string
  write(path: string, text: string): void
  remove(): void
}

/** Packs what is built now. */
export function installPacked(): Consumer {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-packed-')))
  noteFolder(folder)
  const npm = (...args: string[]): string =>
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const packed = npm('pack', '--ignore-scripts', '--json', `--pack-destination=${folder}`)
  const tarball = /"filename":\s*"([^"]+)"/.exec(packed)?.[1]
  if (tarball === undefined) throw new Error(`npm pack said ${packed}`)
  mkdirSync(join(folder, 'node_modules'))
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', folder])
  renameSync(join(folder, 'package'), join(folder, 'node_modules', 'lockstep'))
  // Its dependencies, as npm would install them.
  symlinkSync(
    join(root, 'node_modules'),
    join(folder, 'node_modules', 'lockstep', 'node_modules'),
    'junction',
  )
  return {
    folder,
    write(path, text) {
      mkdirSync(join(folder, path, '..'), { recursive: true })
      writeFileSync(join(folder, path), text)
    },
    remove() {
      rmSync(folder, { recursive: true, force: true })
      noteRemoved(folder)
    },
  }
}
