/** The problems that stand at this moment. Each is announced once when it appears or changes, and once when it is gone. */
import { isLasting, type Problem, type ProblemCode } from './core/problem.ts'
import type { SessionEvent } from './status.ts'

/** Stands for the folder as a whole, which has no path. */
const FOLDER = ''

export class Problems {
  readonly #standing = new Map<string, Map<ProblemCode, Problem>>()
  readonly #emit: (event: SessionEvent) => void
  #size = 0

  constructor(emit: (event: SessionEvent) => void) {
    this.#emit = emit
  }

  get size(): number {
    return this.#size
  }

  list(): Problem[] {
    return [...this.#standing.values()].flatMap(problems => [...problems.values()])
  }

  of(path: string): Problem[] {
    return [...(this.#standing.get(path)?.values() ?? [])]
  }

  report(problem: Problem): void {
    const path = problem.path ?? FOLDER
    const problems = this.#standing.get(path) ?? new Map<ProblemCode, Problem>()
    const known = problems.get(problem.code)
    if (known === undefined) this.#size += 1
    this.#standing.set(path, problems.set(problem.code, problem))
    if (known?.message === problem.message && known.retryAt === problem.retryAt) return
    this.#emit({ type: 'problem', ...problem })
  }

  clear(code: ProblemCode, path: string = FOLDER): void {
    const problems = this.#standing.get(path)
    if (problems === undefined || !problems.delete(code)) return
    this.#size -= 1
    if (problems.size === 0) this.#standing.delete(path)
    this.#emit(path === FOLDER ? { type: 'recovered', code } : { type: 'recovered', code, path })
  }

  /** What was wrong with the path is over; what it is, for as long as it is there, is no matter of trying. */
  clearTried(path: string): void {
    for (const problem of this.of(path)) if (!isLasting(problem)) this.clear(problem.code, path)
  }

  /** Nothing is wrong with the path any more. */
  clearPath(path: string): void {
    for (const problem of this.of(path)) this.clear(problem.code, path)
  }
}
