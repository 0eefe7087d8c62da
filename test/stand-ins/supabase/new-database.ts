/**
 * A PGlite database as it is when it was just made. Making one takes three seconds of processor time, so the first
 * one is kept for the starts that follow, under the name of what is installed.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPgliteConnection, type PgliteConnection } from '@supabase/lite/pglite'

const MODULES = join(import.meta.dirname, '..', '..', '..', 'node_modules')
const FOLDER = join(MODULES, '.cache', 'supabase-stand-in')

export async function openNewDatabase(): Promise<PgliteConnection> {
  const name = `${digestOfInstalled()}.tar`
  const kept = read(join(FOLDER, name))
  if (kept !== null) return createPgliteConnection({ pgliteOptions: { loadDataDir: new Blob([kept]) } })
  const connection = await createPgliteConnection({})
  const made = await connection.driver.dumpDataDir('none')
  keep(name, new Uint8Array(await made.arrayBuffer()))
  return connection
}

/** Other packages may make another database. */
function digestOfInstalled(): string {
  const installed = readFileSync(join(MODULES, '.package-lock.json'))
  return createHash('sha256').update(installed).digest('hex').slice(0, 16)
}

function read(path: string): Uint8Array<ArrayBuffer> | null {
  try {
    return new Uint8Array(readFileSync(path))
  } catch {
    return null
  }
}

/** Whole or not at all: others may start, and look for it, just now. */
function keep(name: string, bytes: Uint8Array): void {
  mkdirSync(FOLDER, { recursive: true })
  for (const other of readdirSync(FOLDER))
    if (!other.startsWith(name)) rmSync(join(FOLDER, other), { force: true })
  const own = join(FOLDER, `${name}.${process.pid}`)
  writeFileSync(own, bytes)
  renameSync(own, join(FOLDER, name))
}
