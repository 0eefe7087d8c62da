/** Carries a story out, in whichever shell. */
import type { Locator, Page } from 'playwright-core'
import type { Project } from '../../support/project.ts'
import { eventually } from '../../support/eventually.ts'
import { until } from '../../support/until.ts'
import type { World } from '../../support/world.ts'
import type { Role, Side, Step, Story } from './stories.ts'

/** The program that shows the app's page. */
export interface Shell {
  readonly world: World
  readonly page: Page
  /** After "Choose a folder" has been clicked. */
  chooseFolder(folder: string): Promise<void>
  /** Fails where something went wrong on the way. */
  close(): Promise<void>
}

/** A failed step says which one. */
export async function play(story: Story, shell: Shell): Promise<void> {
  for (const [index, step] of story.steps.entries()) {
    try {
      await act(step, shell)
    } catch (error) {
      throw new Error(`step ${index + 1}: ${JSON.stringify(step)}`, { cause: error })
    }
  }
}

async function act(step: Step, { world, page, chooseFolder }: Shell): Promise<void> {
  switch (step.do) {
    case 'click':
      return byRole(step.in === 'dialog' ? page.locator('[role=dialog][data-open]') : page, step).click()
    case 'see':
      return byRole(page, step).waitFor()
    case 'read':
      return page.getByRole('main').getByText(step.text, { exact: true }).first().waitFor()
    case 'go':
      return page.evaluate(to => {
        location.hash = to
      }, step.hash)
    case 'reload':
      await page.evaluate(() => location.reload())
      return
    case 'choose-folder':
      return chooseFolder(world.a.folder)
    case 'write':
      return sideOf(world, step.side).write(step.path, step.content)
    case 'remove':
      return sideOf(world, step.side).remove(step.path)
    case 'lose-in-database':
      return world.execute(`DELETE FROM files WHERE path LIKE '${step.under}/%'`)
    case 'sync-there':
      await world.b.sync()
      return
    case 'expect-file':
      return becomes(() => sideOf(world, step.side).read(step.path), step.content, step.path)
    case 'expect-in-database':
      return becomes(
        () => world.rows(`path = '${step.path}'`)[0]?.content ?? null,
        step.content,
        `${step.path} in the database`,
      )
    case 'expect-theme':
      await eventually(() => page.evaluate(() => document.documentElement.dataset['theme'] ?? null)).toBe(
        step.theme,
      )
  }
}

function byRole(
  within: Page | Locator,
  { role, name }: { readonly role: Role; readonly name: string },
): Locator {
  const isWhole = !name.includes('*')
  const found = isWhole ? name : new RegExp(`^${name.split('*').map(escaped).join('.*')}$`)
  return within.getByRole(role, { name: found, exact: isWhole }).first()
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

function sideOf(world: World, side: Side): Project {
  return side === 'here' ? world.a : world.b
}

function becomes(look: () => string | null, content: string | null, what: string): Promise<void> {
  return until(
    () => look() === content,
    `${what} to be ${content === null ? 'gone' : 'there'}`,
    () => look() ?? 'nothing is there',
  )
}
