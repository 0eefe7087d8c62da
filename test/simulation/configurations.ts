/** The settings that simulated devices change between: which files sync, and to whom. */
import { compileRules, type Rules } from '../../src/engine/core/rules.ts'
import type { ConflictPolicy, PatternEntry } from '../../src/engine/core/sync-config.ts'

interface Lists {
  readonly shared: readonly string[]
  readonly mine: readonly string[]
}

const LISTS = {
  usual: { shared: ['data/**', '!data/mine/**'], mine: ['data/mine/**'] },
  /** Most of what was synced no longer is. */
  narrow: { shared: ['data/*.json', 'data/*.md'], mine: ['data/mine/*.json'] },
  /** What was shared becomes private, … */
  'notes private': {
    shared: ['data/**', '!data/mine/**', '!data/notes/**'],
    mine: ['data/mine/**', 'data/notes/**'],
  },
  /** … and the other way round. */
  'all shared': { shared: ['data/**'], mine: [] },
} as const satisfies Record<string, Lists>

export type Configuration = keyof typeof LISTS

export const CONFIGURATIONS = Object.keys(LISTS) as readonly Configuration[]

/** Below it a plan may set another policy than `merge`. */
const POLICY_FOLDER = 'data/notes'

const cache = new Map<string, Rules>()

export function rulesFor(userId: string | null, configuration: Configuration, policy: ConflictPolicy): Rules {
  const key = JSON.stringify([userId, configuration, policy])
  let rules = cache.get(key)
  if (rules === undefined) {
    rules = compile(userId, LISTS[configuration], policy)
    cache.set(key, rules)
  }
  return rules
}

function compile(userId: string | null, { shared, mine }: Lists, policy: ConflictPolicy): Rules {
  return compileRules({
    userId,
    config: {
      shared: shared.map(entry),
      private: mine.map(entry),
      contentRoot: null,
      conflictPolicy: [{ pattern: `${POLICY_FOLDER}/**`, policy }],
      expectDeletes: [],
      maxFileBytes: null,
    },
  })
}

function entry(pattern: string, index: number): PatternEntry {
  return { pattern, index, line: index + 2 }
}
