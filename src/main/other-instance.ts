/** Another Lockstep keeps this LOCKSTEP_HOME: it is shown to whoever asked for it, and this one ends. */
import { app, dialog, shell } from 'electron'
import type { RunningInstance } from '../host/app/instance.ts'
import { NAME } from './identity.ts'

interface ShowOtherOptions {
  /** Started at login, where nobody wants to see anything. */
  readonly isHidden: boolean
}

export async function showOther(
  running: RunningInstance | null,
  { isHidden }: ShowOtherOptions,
): Promise<void> {
  if (isHidden) {
    app.exit(0)
    return
  }
  if (running !== null && running.url !== null) {
    // Its own, from a file that only this person can write.
    await shell.openExternal(running.url)
    app.exit(0)
    return
  }
  const who = running === null ? '' : ` (process ${running.pid})`
  dialog.showErrorBox(
    `${NAME} runs already`,
    `Another Lockstep${who} keeps these folders, and cannot be shown from here. End it, then start this one again.`,
  )
  app.exit(1)
}
