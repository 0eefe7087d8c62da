/** For whoever decides about files that wait for their content (R10.6), where nothing was decided about them. */
import type { Problem } from './problem.ts'

/** More are counted. */
const NAMED = 3

/** `decision`: what was asked for without their names, or in vain; `other` where another content was meant. */
export function waitingContentsProblem(
  paths: readonly string[],
  decision: 'approve' | 'restore' | 'other',
): Problem {
  const names = paths.slice(0, NAMED).join(', ')
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : ''
  const isOne = paths.length === 1
  const wait = isOne ? 'It waits for its content' : 'They wait for their contents'
  const what = {
    approve: `${wait}, so look at ${isOne ? 'it' : 'each'} and approve by name.`,
    restore: `${wait}, and nothing was carried out: there is nothing to put back.`,
    other: `Another content waits than the one that was named. Look at ${isOne ? 'it' : 'them'} again; nothing was carried out.`,
  }[decision]
  return { code: 'content-waits', message: `${names}${more}: ${what}` }
}
