/** The modes that files and folders get as the umask says, in octal. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-modes-'))
writeFileSync(join(folder, 'file'), '')
mkdirSync(join(folder, 'folder'))
const modeOf = (name: string): string => (statSync(join(folder, name)).mode & 0o777).toString(8)

export const OPEN_FILE = modeOf('file')
export const OPEN_FOLDER = modeOf('folder')
rmSync(folder, { recursive: true })
