/**
 * Patterns that match nothing, and what was meant by them: by the files that are there (R15.8). Who asks goes through the
 * files once, and where some patterns are left, once more.
 */
import { compileGlob, type Glob, literalPaths } from './glob.ts'
import { isNegated, patternFault, withoutNegation } from './patterns.ts'
import type { PatternList } from './sync-config.ts'

export interface PatternUse {
  /** By what it says to the letter, as all servers read it. */
  readonly isUsed: boolean
  /** The pattern to write instead; null where there is nothing to say. */
  readonly meant: string | null
}

export interface UnusedPattern {
  readonly list: PatternList
  readonly pattern: string
  /** In sync-config.json, from 1. */
  readonly line: number
  /** As in PatternUse. */
  readonly meant: string | null
}

export function unusedPatternText({ list, pattern, line, meant }: UnusedPattern): string {
  const effect = isNegated(pattern) ? 'takes out no file that is here' : 'matches no file that is here'
  const advice = meant === null ? '' : ` Perhaps "${meant}" is meant.`
  return `The pattern "${pattern}" in ${list} (line ${line}) ${effect}.${advice}`
}

/** The patterns of one list, while files are gone through. Expects patterns without fault. */
export class PatternUses {
  readonly #patterns: readonly string[]
  readonly #contentRoot: string
  #open: Sought[]
  #guesses: Sought[] = []
  readonly #used = new Set<number>()
  readonly #meant = new Map<number, string>()

  constructor(patterns: readonly string[], contentRoot: string) {
    this.#patterns = patterns
    this.#contentRoot = contentRoot
    this.#open = patterns.map((pattern, index) => soughtOf(index, withoutNegation(pattern)))
  }

  /** Of the first round. */
  note(path: string): void {
    if (this.#open.length === 0) return
    const names = path.split('/')
    this.#open = this.#open.filter(({ index, glob }) => !glob.matches(names) || !this.#used.add(index))
  }

  /** Between the rounds: whether a second one may tell more. */
  startGuessing(): boolean {
    const unused = this.#open.slice(0, MOST_GUESSED)
    this.#guesses = unused.flatMap(({ index }) =>
      guessesFor(withoutNegation(this.#patterns[index]!), this.#contentRoot).map(guess =>
        soughtOf(index, guess),
      ),
    )
    return this.#guesses.length > 0
  }

  /** Of the second round. */
  guess(path: string): void {
    if (this.#guesses.length === 0) return
    const names = path.split('/')
    for (const { index, text, glob } of this.#guesses) {
      if (glob.matches(names)) this.#foundGuess(index, text)
    }
  }

  /** The better guesses come first, whichever file they are found by. */
  #foundGuess(index: number, text: string): void {
    this.#meant.set(index, text)
    const at = this.#guesses.findIndex(guess => guess.index === index && guess.text === text)
    this.#guesses = this.#guesses.filter((guess, place) => guess.index !== index || place < at)
  }

  result(): PatternUse[] {
    return this.#patterns.map((pattern, index) => {
      const meant = this.#meant.get(index)
      const sign = isNegated(pattern) ? '!' : ''
      return { isUsed: this.#used.has(index), meant: meant === undefined ? null : sign + meant }
    })
  }
}

interface Sought {
  readonly index: number
  readonly text: string
  readonly glob: Pick<Glob, 'matches'>
}

/** Of more patterns that match nothing nobody reads a list. */
const MOST_GUESSED = 50

function soughtOf(index: number, text: string): Sought {
  return { index, text, glob: compileGlob(text) }
}

/** The best first: a folder's name, a place below the content root, any depth. */
function guessesFor(pattern: string, contentRoot: string): string[] {
  const body = pattern.startsWith('./') ? pattern.slice(2) : pattern
  const isLiteral = literalPaths(body).length > 0 || !/[*?[{(]/.test(body.slice(body.lastIndexOf('/') + 1))
  const inContent = contentRoot === '' || body.startsWith(`${contentRoot}/`) ? null : `${contentRoot}/${body}`
  const slash = body.lastIndexOf('/')
  const deeper =
    slash === -1 || body.includes('**') ? null : `${body.slice(0, slash)}/**/${body.slice(slash + 1)}`
  const guesses = [
    isLiteral ? `${body}/**` : null,
    inContent,
    isLiteral && inContent !== null ? `${inContent}/**` : null,
    deeper,
  ]
  return guesses.filter(guess => guess !== null).filter(guess => patternFault(guess) === null)
}
