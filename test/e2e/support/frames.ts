/** How a page keeps up: the time between its frames, and its longest task, while something goes on. */
import type { Page } from 'playwright-core'

export interface Pace {
  /** Between two frames, sorted, in ms. */
  readonly gaps: readonly number[]
  /** In ms; 0 where none was longer than 50, which is from when on the browser tells. */
  readonly longestTask: number
}

/** Watches from now on; the returned function ends it. */
export async function watchPace(page: Page): Promise<() => Promise<Pace>> {
  const watch = await page.evaluateHandle(() => {
    const gaps: number[] = []
    const tasks: number[] = []
    const observer = new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) tasks.push(duration)
    })
    observer.observe({ type: 'longtask' })
    let isOn = true
    let before = performance.now()
    const onFrame = () => {
      const now = performance.now()
      gaps.push(now - before)
      before = now
      if (isOn) requestAnimationFrame(onFrame)
    }
    requestAnimationFrame(onFrame)
    return {
      end: () => {
        isOn = false
        for (const { duration } of observer.takeRecords()) tasks.push(duration)
        return { gaps: gaps.slice(1), longestTask: Math.max(0, ...tasks) }
      },
    }
  })
  return async () => {
    const { gaps, longestTask } = await watch.evaluate(({ end }) => end())
    return { gaps: gaps.toSorted((a, b) => a - b), longestTask }
  }
}

/** The value below which this part of the sorted values lies. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}

export function paceText({ gaps, longestTask }: Pace): string {
  const ms = (value: number) => `${value.toFixed(0)} ms`
  const longest = longestTask === 0 ? 'under 50 ms' : ms(longestTask)
  return `${gaps.length} frames, median ${ms(quantile(gaps, 0.5))}, 95 % ${ms(quantile(gaps, 0.95))}, longest ${ms(gaps.at(-1) ?? 0)}; longest task ${longest}`
}
