/**
 * Files that the patterns match and whose names cannot be paths of records: listed until they are renamed, for
 * nothing that does not sync is passed over in silence (R11, R12).
 */
import type { Context } from './context.ts'
import { FileSystemError } from './ports/file-system.ts'

export function noteUnfitName(context: Context, path: string): void {
  const found = context.rules.classify(path)
  if (found.kind === 'unsafe' && found.isMatched) report(context, path, found.reason)
}

/** `path` has a stand-in where its name is not UTF-8. Only a scan finds it: no event can name it. */
export function noteUnreadableName(context: Context, path: string): void {
  const { kind } = context.rules.classify(path)
  if (kind === 'synced')
    report(context, path, 'The name is not valid UTF-8, so no other device could have it.')
}

/** The path was named as changed: the file may have come, or gone. */
export function lookAtUnfitName(context: Context, path: string): void {
  if (exists(context, path)) noteUnfitName(context, path)
  else forget(context, path)
}

/** Before everything is looked at anew; the answer ends the look. */
export function forgetUnfitNames(context: Context): () => void {
  const before = [...context.unfitNames]
  context.unfitNames.clear()
  return () => {
    for (const path of before) if (!context.unfitNames.has(path)) context.problems.clearPath(path)
  }
}

function exists(context: Context, path: string): boolean {
  try {
    return context.ports.fs.lstat(path)?.kind === 'file'
  } catch (error) {
    if (error instanceof FileSystemError) return false
    throw error
  }
}

function forget(context: Context, path: string): void {
  if (context.unfitNames.delete(path)) context.problems.clearPath(path)
}

function report(context: Context, path: string, reason: string): void {
  context.unfitNames.add(path)
  context.problems.report({
    code: 'unsupported-name',
    path,
    message: `${reason} Rename the file, and it syncs.`,
  })
}
