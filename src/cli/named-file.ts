/** A file that a person names as an option's value. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Context } from './context.ts'
import { UsageError } from './failure.ts'

/** `option` as it is typed. Throws UsageError where the file cannot be read. */
export function readNamedFile({ cwd }: Context, name: string, option: string): Buffer {
  const path = resolve(cwd, name)
  try {
    return readFileSync(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : `cannot be read (${code})`
    throw new UsageError(`${option}: the file ${path} ${why}.`, { cause: error })
  }
}
