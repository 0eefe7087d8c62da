/** A folder or a file, as a click opens it: what a system might run is only shown in the file manager. */
import { statSync } from 'node:fs'
import { cannot, refused } from './errors.ts'
import { isOpened } from './opened-types.ts'
import type { ShellPort } from './shell-port.ts'

/** Takes an absolute path that was checked. Rejects where it is gone, or nothing opens it. */
export async function openPlace(shell: ShellPort, path: string): Promise<void> {
  if (shell.open === undefined || shell.reveal === undefined)
    throw cannot('Files cannot be opened from here.')
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw refused('gone', `${path} is not there any more.`)
  await (isOpened(path, stat.isDirectory()) ? shell.open(path) : shell.reveal(path))
}
