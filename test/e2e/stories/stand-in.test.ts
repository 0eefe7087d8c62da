/** The same stories through the built desktop app, in the stand-in. */
import { expect, test } from 'vitest'
import { Desktop } from '../desktop/desktop.ts'
import { play, type Shell } from './play.ts'
import { NAMED } from './stories.ts'

async function openShell(desktop: Desktop): Promise<Shell> {
  const page = await desktop.open()
  return {
    world: desktop.world,
    page,
    async chooseFolder(folder) {
      await page.locator('#pick-folder').click()
      await desktop.app.answerDialog({ paths: [folder] })
    },
    close: () => desktop.close(),
  }
}

test.each(NAMED())('%s, in the desktop app', async (_name, story) => {
  const desktop = new Desktop()
  try {
    await play(story, await openShell(desktop))
    const { windows } = await desktop.app.view()
    expect(windows.map(({ url }) => url)).toEqual([expect.stringMatching(/^app:\/\/lockstep\//)])
  } finally {
    await desktop.close()
  }
})
