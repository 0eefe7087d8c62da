/**
 * The order of the test files: those that take longest first, so that none of them is left over at the end of a run.
 * Vitest goes by how long they took the last time, which a fresh clone does not know, and else by their size.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** By what their path begins with, the longest first. What is not here comes last, in Vitest's own order. */
const LONGEST = [
  'test/simulation/simulation.',
  'test/e2e/accessibility.',
  'test/e2e/',
  'test/scenarios/',
  'test/contract/supabase',
  'test/contract/',
  'test/simulation/',
  'test/model/',
  'test/cli/',
  'test/daemon/',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}

function rank({ project, moduleId }: TestSpecification): number {
  const path = moduleId.slice(project.config.root.length + 1)
  const at = LONGEST.findIndex(beginning => path.startsWith(beginning))
  return at === -1 ? LONGEST.length : at
}
