/** Patterns while they are edited (pure). */
import type { PatternsDraft } from '../../../contract/plan.ts'

/** Without the empty lines that editing leaves. */
export function cleaned({ shared, private: own }: PatternsDraft): PatternsDraft {
  const meant = (pattern: string) => pattern.trim() !== ''
  return { shared: shared.filter(meant), private: own.filter(meant) }
}

/** For each line as it is edited, its place among those that count; null for an empty one. */
export function places(patterns: readonly string[]): (number | null)[] {
  let next = 0
  return patterns.map(pattern => (pattern.trim() === '' ? null : next++))
}

export function isSameDraft(a: PatternsDraft, b: PatternsDraft): boolean {
  return JSON.stringify(cleaned(a)) === JSON.stringify(cleaned(b))
}
