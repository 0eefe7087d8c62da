/** The same stories once more through Electron itself, wherever its binary and a display are. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron } from 'playwright-core'
import { expect, test } from 'vitest'
import { World } from '../../support/world.ts'
import { PATIENCE_MS } from '../../support/until.ts'
import { play, type Shell } from './play.ts'
import { NAMED, STORIES } from './stories.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const missing = whyNot()

test.each(missing === null ? NAMED() : [])('%s, in Electron', async (_name, story) => {
  const shell = await openShell()
  try {
    await play(story, shell)
    expect(shell.page.url()).toMatch(/^app:\/\/lockstep\//)
  } finally {
    await shell.close()
  }
})

// One line instead of one for each story.
if (missing !== null) test(`the ${STORIES.length} stories in Electron itself`, ({ skip }) => skip(missing))

/** Null where it can be run. */
function whyNot(): string | null {
  if (binary() === null)
    return `Electron's binary is not here (npx install-electron fetches it, LOCKSTEP_TEST_ELECTRON names another)`
  const { DISPLAY = '', WAYLAND_DISPLAY = '' } = process.env
  const hasDisplay = process.platform !== 'linux' || DISPLAY !== '' || WAYLAND_DISPLAY !== ''
  return hasDisplay ? null : 'there is no display (xvfb-run gives one)'
}

/** Where the package keeps it; nothing is fetched here. */
function binary(): string | null {
  const named = process.env['LOCKSTEP_TEST_ELECTRON']
  if (named !== undefined) return existsSync(named) ? named : null
  const folder = join(root, 'node_modules', 'electron')
  const note = join(folder, 'path.txt')
  if (!existsSync(note)) return null
  const program = join(folder, 'dist', readFileSync(note, 'utf8').trim())
  return existsSync(program) ? program : null
}

async function openShell(): Promise<Shell> {
  const world = new World()
  const userHome = join(world.folder, 'user')
  mkdirSync(userHome)
  const executablePath = binary()
  if (executablePath === null) throw new Error('Electron has gone')
  const isRoot = process.getuid?.() === 0
  const app = await _electron.launch({
    executablePath,
    args: [root, ...(isRoot ? ['--no-sandbox'] : [])],
    env: { ...inherited(), LOCKSTEP_HOME: world.home, HOME: userHome, LOCKSTEP_TRAY: 'no' },
  })
  const page = await app.firstWindow()
  page.context().setDefaultTimeout(PATIENCE_MS)
  await page.getByRole('navigation').waitFor()
  return {
    world,
    page,
    async chooseFolder(folder) {
      // Nobody can click into the system's own dialog from here: it is answered before it is asked.
      await app.evaluate(({ dialog }, path) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] })
      }, folder)
      await page.locator('#pick-folder').click()
    },
    async close() {
      await app.close()
      await world.close()
    },
  }
}

function inherited(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:FILE_SYNC_|LOCKSTEP_|NODE_|VITEST)/.test(name),
  )
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
