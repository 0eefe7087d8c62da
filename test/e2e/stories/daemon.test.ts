/** The stories through the daemon: the page in a browser. */
import { expect, test } from 'vitest'
import { App } from '../support/app.ts'
import { play, type Shell } from './play.ts'
import { NAMED } from './stories.ts'

async function openShell(): Promise<Shell> {
  const app = await App.start()
  const page = await app.open()
  return {
    world: app.world,
    page,
    async chooseFolder(folder) {
      await page.getByLabel('Path of the folder').fill(folder)
      await page.getByLabel('Path of the folder').press('Enter')
    },
    close: () => app.close(),
  }
}

test.each(NAMED())('%s, in the browser', async (_name, story) => {
  const shell = await openShell()
  try {
    await play(story, shell)
    expect(new URL(shell.page.url()).hostname).toBe('127.0.0.1')
  } finally {
    await shell.close()
  }
})
