/** For whoever decides about files that wait for their content (R10.6), where nothing was decided about them. */
import type { Problem } from './problem.ts'

/** More are counted. */
const NAMED = 3

/** `decision`: what was asked for without their names, or in vain. */
export function waitingContentsProblem(paths: readonly string[], decision: 'approve' | 'restore'): Problem {
  const names = paths.slice(0, NAMED).join(', ')
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : ''
  const wait = paths.length === 1 ? 'It waits for its content' : 'They wait for their contents'
  const what =
    decision === 'approve'
      ? `${wait}, so look at ${paths.length === 1 ? 'it' : 'each'} and approve by name.`
      : `${wait}, and nothing was carried out: there is nothing to put back.`
  return { code: 'content-waits', message: `${names}${more}: ${what}` }
}
