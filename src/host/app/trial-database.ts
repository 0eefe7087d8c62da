/**
 * A SQLite file that does not exist yet is tried under a temporary name beside its place: a test must leave
 * nothing behind, and the file itself may be in use by the time the test ends.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Project } from '../project.ts'

export interface Trial {
  readonly project: Project
  readonly remove: () => void
}

/** On the denylist in two ways, so that it syncs nowhere while it is there. */
const trialName = (): string => `_tmp-lockstep-${randomUUID()}.db`

/** What SQLite puts beside a database. */
const SUFFIXES = ['', '-wal', '-shm', '-journal']

export function trialOf(project: Project): Trial {
  const { sqlitePath, database } = project
  const folder =
    sqlitePath === null || existsSync(sqlitePath) ? null : folderFor(project, dirname(sqlitePath))
  if (folder === null) return { project, remove: () => {} }
  const trial = join(folder, trialName())
  const description = `${database.description}, which the first sync makes`
  return {
    project: { ...project, sqlitePath: trial, database: { ...database, description } },
    remove: () => {
      for (const suffix of SUFFIXES) rmSync(trial + suffix, { force: true })
    },
  }
}

/** Null for one that is missing and that nobody will make: that is what the test is to find. */
function folderFor({ folder, contentRoot }: Project, wanted: string): string | null {
  if (existsSync(wanted)) return wanted
  // Setting a project up makes its content folder.
  return wanted === join(folder, contentRoot) ? folder : null
}
