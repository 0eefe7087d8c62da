/** The connection test of settings that need not be saved yet, told step by step. */
import type { TestEvent, TestStep } from '../../contract/backend.ts'
import type { Environment } from '../../engine/core/settings.ts'
import { type ConnectStep, testConnection } from '../connect-test.ts'
import type { Project } from '../project.ts'
import { trialOf } from './trial-database.ts'

/** A test cannot be broken off; a client that stops reading hears no more of it. */
export async function* testBackend(project: Project, env: Environment): AsyncGenerator<TestEvent, void> {
  yield { type: 'start', step: 'reachable' }
  const news = new News<ConnectStep>()
  const trial = trialOf(project)
  const testing = testConnection(trial.project, env, steps => news.add(steps)).finally(() => {
    trial.remove()
    news.end()
  })
  const told = new Set<string>()
  for await (const step of news.all()) {
    told.add(step.step)
    yield { type: 'step', step: toStep(step) }
  }
  const { steps, caveats } = await testing
  for (const step of steps) if (!told.has(step.step)) yield { type: 'step', step: toStep(step) }
  const ok = steps.every(({ status }) => status !== 'failed')
  yield { type: 'done', ok, caveats: [...caveats] }
}

function toStep({ step, status, message, ms, advice }: ConnectStep): TestStep {
  return { step, status, message, ms, advice }
}

/** What one side adds and the other reads, until the end. */
class News<Item> {
  readonly #items: Item[] = []
  #hasEnded = false
  #wake: () => void = () => {}

  add(items: readonly Item[]): void {
    this.#items.push(...items)
    this.#wake()
  }

  end(): void {
    this.#hasEnded = true
    this.#wake()
  }

  async *all(): AsyncGenerator<Item, void> {
    for (;;) {
      const next = this.#items.shift()
      if (next !== undefined) yield next
      else if (this.#hasEnded) return
      else await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }
}
