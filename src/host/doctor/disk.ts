/** Whether the folders can be read and written, and what the file system under the content offers. */
import { accessSync, constants, linkSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TEMPORARY_PREFIX } from '../../engine/core/denylist.ts'
import { makeFolder } from '../../platform/make-folder.ts'
import { errorMessage } from '../../platform/os-error.ts'
import { isOpenFolder } from '../../platform/private-file.ts'
import { failed, ok, warning } from './check.ts'
import type { Check } from './check.ts'

const OPEN_STATE =
  'What it trusts and keeps lies there: set LOCKSTEP_HOME to a folder that is yours alone, or take the right to write there from others.'

export function checkStateFolder(home: string): Check {
  try {
    makeFolder(home)
    const probe = probeName(home)
    writeFileSync(probe, '')
    rmSync(probe)
    return isOpenFolder(home)
      ? warning('state-folder', `Other users may change Lockstep's own state in ${home}.`, OPEN_STATE)
      : ok('state-folder', `Lockstep's own state lies in ${home} and can be written.`)
  } catch (error) {
    const advice = 'Give yourself the right to write there, or set LOCKSTEP_HOME to another folder.'
    return failed(
      'state-folder',
      `Lockstep's own state in ${home} cannot be written: ${errorMessage(error)}.`,
      advice,
    )
  }
}

export function checkContentRoot(path: string): Check {
  try {
    readdirSync(path)
  } catch (error) {
    const advice = 'Put it back or mount it. Until then nothing is deleted anywhere.'
    return failed(
      'content-root',
      `The content folder ${path} cannot be read: ${errorMessage(error)}.`,
      advice,
    )
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    const probe = probeName(path)
    writeFileSync(probe, '')
    rmSync(probe)
    return ok('content-root', `The content folder ${path} can be read and written.`)
  } catch (error) {
    const advice =
      'Changes from other devices cannot be written here: check its owner, its permissions and the space on the disk.'
    return failed(
      'content-root',
      `The content folder ${path} cannot be written: ${errorMessage(error)}.`,
      advice,
    )
  }
}

/** Null where the folder cannot be written at all; `checkContentRoot` says so. */
export function checkHardLinks(path: string): Check | null {
  const probe = probeName(path)
  const second = `${probe}-link`
  try {
    writeFileSync(probe, '')
  } catch {
    return null
  }
  try {
    linkSync(probe, second)
    return ok('hard-links', 'The file system has hard links, so a replaced file leaves no gap.')
  } catch {
    const advice =
      'Files are still checked right before they are replaced, but a program that writes within the same millisecond ' +
      'is noticed only afterwards. A file system such as ext4, APFS or NTFS closes the gap.'
    return warning('hard-links', 'The file system under the content has no hard links.', advice)
  } finally {
    rmSync(probe, { force: true })
    rmSync(second, { force: true })
  }
}

/** A name that no engine takes for content (R10). */
function probeName(folder: string): string {
  return join(folder, `${TEMPORARY_PREFIX}doctor-${process.pid}`)
}
