/** Another Lockstep keeps this LOCKSTEP_HOME: it is shown to whoever asked for it, and this one ends. */
import { app, dialog, shell } from 'electron'
import type { RunningInstance } from '../host/app/instance.ts'
import { wayIn, type WayInRequest } from '../host/app/way-in.ts'
import { NAME } from './identity.ts'

interface ShowOtherOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** LOCKSTEP_HOME. */
  readonly home: string
  /** Started at login, where nobody wants to see anything. */
  readonly isHidden: boolean
}

export async function showOther(
  running: RunningInstance | null,
  { env, home, isHidden }: ShowOtherOptions,
): Promise<void> {
  if (isHidden) {
    app.exit(0)
    return
  }
  if (running !== null && running.url !== null && (await showPage({ env, home, url: running.url }))) {
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

/** False where nothing could be opened. */
async function showPage(request: WayInRequest): Promise<boolean> {
  const way = await wayIn(request)
  if (way === null) return false
  if (way.kind === 'page') return (await shell.openPath(way.path)) === ''
  await shell.openExternal(way.url)
  return true
}
