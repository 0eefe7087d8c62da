/** A random key of this LOCKSTEP_HOME, made at first use, for its owner's eyes alone. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import { isOwnFile } from '../../platform/private-file.ts'

const KEY_BYTES = 32

export function privateKey(home: string, name: string): Buffer {
  return readKey(join(home, name)) ?? newKey(home, name)
}

/** One by which somebody may come in: what others can have put there, they know. */
export function entryKey(home: string, name: string): Buffer {
  return isOwnFile(join(home, name)) ? privateKey(home, name) : newKey(home, name)
}

function newKey(home: string, name: string): Buffer {
  const key = randomBytes(KEY_BYTES)
  writeFileAtomically(join(home, name), `${key.toString('base64url')}\n`, { mode: 0o600, isNew: true })
  return key
}

/** Null where there is none, or none that is whole. */
function readKey(path: string): Buffer | null {
  try {
    const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64url')
    return key.length === KEY_BYTES ? key : null
  } catch {
    return null
  }
}
