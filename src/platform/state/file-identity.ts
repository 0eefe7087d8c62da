/** Which file lies at a path: told apart from another one that was put in its place. */
import { statSync } from 'node:fs'

/** Null where there is none, or it cannot be told. */
export function fileIdentity(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return null
  }
}
