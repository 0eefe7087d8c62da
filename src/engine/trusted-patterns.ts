/** Patterns of paths whose contents this device trusts, whoever they come from (R10.7). They never travel. */
import { compilePatterns, type PatternSet } from './core/patterns.ts'
import type { StateStore } from './ports/state-store.ts'

export class TrustedPatterns {
  readonly #state: Pick<StateStore, 'loadTrust'>
  #patterns: readonly string[] = []
  #set: PatternSet = compilePatterns([])

  constructor(state: Pick<StateStore, 'loadTrust'>) {
    this.#state = state
    this.look()
  }

  /** Whether others were set, by whatever process, than at the last look. */
  look(): boolean {
    const patterns = this.#state.loadTrust('may-run-code')
    if (patterns.join('\n') === this.#patterns.join('\n')) return false
    this.#patterns = patterns
    this.#set = compilePatterns(patterns)
    return true
  }

  /** Null where none matches. */
  patternFor(path: string): string | null {
    const { matched, index } = this.#set.match(path)
    return matched ? this.#patterns[index!]! : null
  }
}
