/** What becomes of the files in a folder that is found to be none of this project's: nothing, on either side (R10). */
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import { isWithin, parentOf } from './core/tree.ts'
import { type LeftOutFolder, leftOutProblem } from './left-out.ts'
import type { StateChange } from './ports/state-store.ts'

/** State changes in one transaction. */
const BATCH = 500

/** Of the folders above these paths, those that are none of this project's. */
export function foundAbove({ leftOut }: Context, paths: Iterable<string>): LeftOutFolder[] {
  const known = new Set<string>()
  const found: LeftOutFolder[] = []
  for (const path of paths) {
    for (let folder = parentOf(path); folder !== '' && !known.has(folder); folder = parentOf(folder)) {
      known.add(folder)
      const kind = leftOut.entryFor(folder) === null ? leftOut.kindOf(folder) : null
      if (kind !== null) found.push({ folder, kind })
    }
  }
  return found
}

/** Nobody watches over what lies there from now on (R4.7). */
export async function leaveOut(context: Context, found: readonly LeftOutFolder[]): Promise<void> {
  const isInner = ({ folder }: LeftOutFolder): boolean =>
    found.some(other => other.folder !== folder && isWithin(other.folder, folder))
  const news = found.filter(each => !isInner(each) && context.leftOut.add(each))
  if (news.length > 0) await forgetTrees(context, news)
  for (const folder of context.leftOut.folders) context.problems.report(leftOutProblem(folder))
}

async function forgetTrees(context: Context, news: readonly LeftOutFolder[]): Promise<void> {
  const isThere = (path: string): boolean => news.some(({ folder }) => isWithin(folder, path))
  const changes: StateChange[] = []
  for (const state of context.channels) changes.push(...forget(state, isThere))
  for (const path of context.unknown.paths) {
    if (!isThere(path)) continue
    context.unknown.paths.delete(path)
    context.problems.clearPath(path)
  }
  for (let from = 0; from < changes.length; from += BATCH)
    await context.ports.state.commit(changes.slice(from, from + BATCH))
}

function forget(state: ChannelState, isThere: (path: string) => boolean): StateChange[] {
  const { scope } = state
  const changes: StateChange[] = []
  for (const path of state.base.keys()) {
    if (!isThere(path)) continue
    state.base.delete(path)
    changes.push({ kind: 'base-doubt', scope, path, doubt: 'unwatched' })
  }
  for (const [path, { side }] of state.holds) {
    if (!isThere(path)) continue
    state.holds.delete(path)
    changes.push({ kind: 'hold-delete', scope, side, path })
  }
  for (const path of state.retries.keys()) {
    if (!isThere(path)) continue
    state.retries.delete(path)
    changes.push({ kind: 'retry-delete', scope, path })
  }
  for (const path of state.remote.keys()) if (isThere(path)) state.unmatched.add(path)
  for (const tree of [state.local, state.remote, state.pending, state.blocked])
    for (const path of tree.keys()) if (isThere(path)) tree.delete(path)
  return changes
}

/** A folder that was left out and is this project's again: what was agreed on is known again, and all is looked at. */
export function takeBack({ leftOut, problems, dirt, channels }: Context): void {
  for (const { folder } of leftOut.takeBack()) {
    problems.clear('left-out', folder)
    dirt.markEverything()
    for (const state of channels) {
      state.loadBaseAnew()
      state.dirtyRemote = 'everything'
    }
  }
}
