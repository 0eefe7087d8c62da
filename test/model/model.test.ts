/**
 * Random programs on two real devices, held against the set of what is possible (possible-states.ts).
 *
 * LOCKSTEP_MODEL_RUNS says how many lists of steps, LOCKSTEP_MODEL_SEED where to begin. A failing list is
 * shortened and printed; LOCKSTEP_MODEL_STEPS takes it to play it again.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { times } from '../support/long.ts'
import { type Counts, noCounts, run, type Step } from './run.ts'

const RUNS = Number(process.env['LOCKSTEP_MODEL_RUNS'] ?? times({ short: 48, long: 2_400 }))
const SEED = Number(process.env['LOCKSTEP_MODEL_SEED'] ?? Date.now() % 2 ** 31)
const GIVEN = process.env['LOCKSTEP_MODEL_STEPS']
/** Lists that are played at a time: most of the time they wait. */
const LANES = 24
const MOST_STEPS = 14
/** So many shorter lists are tried to find the shortest that fails; each takes a second or two. */
const MOST_REPLAYS = 80

const device = fc.integer({ min: 0, max: 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      device,
      // Few, so that devices also meet in equal contents, and of different lengths.
      value: fc.constantFrom('1', '22', '333', '4444', '55555'),
      how: fc.constantFrom('in place' as const, 'by rename' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), device }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), device }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('sleep' as const), ms: fc.constantFrom(5, 30, 60, 90, 150, 300) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rest' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), device }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('start' as const), device }) },
)

async function playLane(lane: number, runs: number, counts: Counts): Promise<void> {
  const seed = SEED + lane
  let failures = 0
  let replays = 0
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: MOST_STEPS, size: 'max' }),
    async steps => {
      if (failures > 0) replays += 1
      fc.pre(replays <= MOST_REPLAYS)
      try {
        await run(steps, counts)
      } catch (error) {
        failures += 1
        throw error
      }
    },
  )
  const details = await fc.check(property, { seed, numRuns: runs })
  if (!details.failed) return
  const steps = (details.counterexample as readonly unknown[] | null)?.[0]
  const cause = details.errorInstance
  throw new Error(
    `LOCKSTEP_MODEL_SEED=${seed} fails after ${details.numRuns} runs; shortened, and to be played again by\n` +
      `LOCKSTEP_MODEL_STEPS='${JSON.stringify(steps)}'\n${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  )
}

test.skipIf(GIVEN !== undefined)(
  'R1 R2 R4 R6 R7 whatever programs read at any time is possible by the rules, also after kills',
  async () => {
    console.log(`model: LOCKSTEP_MODEL_SEED=${SEED}, ${RUNS} lists of steps`)
    const counts = noCounts()
    const lanes = Array.from({ length: LANES }, (_, lane) => playLane(lane, Math.ceil(RUNS / LANES), counts))
    await Promise.all(lanes)
    console.log(`model: ${JSON.stringify(counts)}`)
    expect(counts.rests).toBeGreaterThanOrEqual(RUNS)
    for (const name of ['pushes', 'pulls', 'conflicts', 'kills'] as const) {
      expect(counts[name], `no ${name} in ${RUNS} runs`).toBeGreaterThan(0)
    }
  },
)

test('the given steps are possible', async ({ skip }) => {
  if (GIVEN === undefined) skip('LOCKSTEP_MODEL_STEPS gives none')
  else await run(JSON.parse(GIVEN) as Step[], noCounts())
})
