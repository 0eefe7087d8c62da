/** Problems as lines: where, what is wrong and what to do, and when it is tried again. */
import type { Problem } from '../engine/core/problem.ts'
import { counted, nextTry, printable } from './text.ts'

/** More than this many are counted. */
const LISTED_PROBLEMS = 50

export function problemLines(problems: readonly Problem[], now: number): string[] {
  if (problems.length === 0) return []
  const lines = [`${counted(problems.length, 'problem')}:`]
  for (const problem of problems.slice(0, LISTED_PROBLEMS)) lines.push(`  ${problemText(problem, now)}`)
  const more = problems.length - LISTED_PROBLEMS
  if (more > 0) lines.push(`  … and ${counted(more, 'more problem')} (--json lists every one)`)
  return lines
}

export function problemText(problem: Problem, now: number): string {
  const where = problem.path === undefined ? '' : `${printable(problem.path)}: `
  const retry = problem.retryAt === undefined ? '' : ` Next try ${nextTry(problem.retryAt, now)}.`
  return `${where}${printable(problem.message)}${retry}`
}
