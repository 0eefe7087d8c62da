/** Makes a failing plan short: leaves out steps while it still fails, larger pieces first. */
import { runPlan } from './run.ts'
import type { Plan } from './steps.ts'

const MOST_RUNS = 300

export async function shrink(
  plan: Plan,
  fails: (plan: Plan) => Promise<boolean> = hasViolation,
): Promise<Plan> {
  let shortest = plan
  let runs = 0
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < shortest.steps.length && runs < MOST_RUNS;) {
      const steps = shortest.steps.toSpliced(from, size)
      runs += 1
      if (await fails({ ...shortest, steps })) shortest = { ...shortest, steps }
      else from += size
    }
  }
  return shortest
}

async function hasViolation(plan: Plan): Promise<boolean> {
  return (await runPlan(plan)).violations.length > 0
}

/** The plan as source text, to be put into a test of its own. */
export function printPlan(plan: Plan): string {
  const { steps, ...rest } = plan
  return `{ ...${JSON.stringify(rest)}, steps: [\n${steps.map(step => `  ${JSON.stringify(step)},`).join('\n')}\n] }`
}
