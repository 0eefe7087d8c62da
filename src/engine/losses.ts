/**
 * Conditional writes that were lost although nobody has changed the record since (R13.4).
 *
 * Losing means: look again, at once. Some databases let a write never be won and show no other record either: a key
 * that ignores capitals, a trigger that ignores writes, a policy that hides rows. There that would go on for ever.
 */
import type { Problem } from './core/problem.ts'

/** A race is lost once, seldom twice. */
const MOST_LOSSES = 2

export class Losses {
  readonly #counts = new Map<string, { readonly head: string | null; readonly count: number }>()

  /** Whether this one more loss can hardly be a race. `head`: what the write was to replace. */
  note(path: string, head: string | null): boolean {
    const known = this.#counts.get(path)
    const count = known?.head === head ? known.count + 1 : 1
    this.#counts.set(path, { head, count })
    return count > MOST_LOSSES
  }

  forget(path: string): void {
    this.#counts.delete(path)
  }
}

export function neverWonProblem(path: string): Problem & { readonly path: string } {
  const message =
    'The database takes this write for one that came too late, again and again, and shows no other version: it may ' +
    'ignore or hide the record (a trigger, row level security), or take its name for that of another one (a key ' +
    'that ignores capitals). Let the database take it, or rename the file; other files go on.'
  return { code: 'never-won', path, message }
}
