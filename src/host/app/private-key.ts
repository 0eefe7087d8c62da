/** A random key of this LOCKSTEP_HOME, made at first use, for its owner's eyes alone. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomically } from '../../platform/atomic-file.ts'

const KEY_BYTES = 32

export function privateKey(home: string, name: string): Buffer {
  const path = join(home, name)
  const known = readKey(path)
  if (known !== null) return known
  const key = randomBytes(KEY_BYTES)
  writeFileAtomically(path, `${key.toString('base64url')}\n`, { mode: 0o600 })
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
