/**
 * Random runs of two and three devices (see steps.ts for what may happen, ledger.ts and provenance.ts for what is checked).
 *
 * LOCKSTEP_SIMULATION_RUNS says how many, LOCKSTEP_SIMULATION_SEED where to begin. A failing run is shortened
 * and printed as a plan that can be pasted into regressions.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { createRandom } from '../fakes/random.ts'
import { times } from '../support/long.ts'
import { type Outcome, runPlan, runSeed } from './run.ts'
import { printPlan, shrink } from './shrink.ts'
import { planOf } from './steps.ts'

const RUNS = Number(process.env['LOCKSTEP_SIMULATION_RUNS'] ?? times({ short: 400, long: 20_000 }))
const FIRST_SEED = Number(process.env['LOCKSTEP_SIMULATION_SEED'] ?? 1)
/** Each test is far from what a hang takes, on a slow machine, too. */
const RUNS_OF_A_TEST = 100
/** So many runs show each kind of event. */
const RUNS_THAT_SHOW_ALL = 300

const totals = new Map<keyof Outcome['counts'], number>()

describe('R1 R2 R3 R4 R5 R6 R7 R8 R9 R15 R16 hold after every step and at rest, whatever devices, programs and the database do', () => {
  const end = FIRST_SEED + RUNS
  for (let first = FIRST_SEED; first < end; first += RUNS_OF_A_TEST) {
    const last = Math.min(first + RUNS_OF_A_TEST, end) - 1
    test(`seeds ${first} to ${last}`, async () => {
      for (let seed = first; seed <= last; seed += 1) await runAndCount(seed)
    })
  }

  test('and the runs have shown each kind of event', () => {
    console.log(
      `simulation: ${RUNS} runs from seed ${FIRST_SEED}: ${JSON.stringify(Object.fromEntries(totals))}`,
    )
    if (RUNS < RUNS_THAT_SHOW_ALL) return expect(totals.get('push')).toBeGreaterThan(0)
    const shown = [
      'push',
      'pull',
      'delete-local',
      'delete-remote',
      'conflict',
      'resolve',
      'merge',
      'byHand',
      'byPolicy',
      'crashes',
      'holds',
      'lostStates',
      'powerCuts',
      'breaks',
    ] as const
    for (const name of shown) expect(totals.get(name), `no ${name} in ${RUNS} runs`).toBeGreaterThan(0)
  })
})

test('the same seed gives the same end, to the byte', async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + 10; seed += 1) {
    const [first, second] = [await runSeed(seed), await runSeed(seed)]
    expect(second.digest, `seed ${seed}`).toBe(first.digest)
  }
})

async function runAndCount(seed: number): Promise<void> {
  const outcome = await runQuickly(seed)
  if (outcome.violations.length > 0) await explainFailure(seed, outcome)
  for (const [name, count] of Object.entries(outcome.counts)) {
    const key = name as keyof Outcome['counts']
    totals.set(key, (totals.get(key) ?? 0) + count)
  }
}

/** Aborts make errors all the time, and their stacks cost a tenth of a run. */
async function runQuickly(seed: number): Promise<Outcome> {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return await runSeed(seed)
  } catch {
    Error.stackTraceLimit = stackTraceLimit
    return await runSeed(seed)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

async function explainFailure(seed: number, outcome: Outcome): Promise<never> {
  const shortest = await shrink(planOf(createRandom(seed), seed))
  const { violations } = await runPlan(shortest)
  throw new Error(
    [
      `LOCKSTEP_SIMULATION_SEED=${seed} LOCKSTEP_SIMULATION_RUNS=1 fails:`,
      ...outcome.violations.slice(0, 5),
      `Shortened, with ${violations[0] ?? 'no violation left'}:`,
      printPlan(shortest),
    ].join('\n'),
  )
}
