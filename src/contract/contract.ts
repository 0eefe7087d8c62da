/**
 * All that a client may say to the host, and all that it hears: declared once, spoken over a MessagePort in the
 * desktop app and over a WebSocket in the browser.
 */
import type { ContractRouterClient } from '@orpc/contract'
import { activity } from './activity.ts'
import { backend } from './backend.ts'
import { conflicts } from './conflicts.ts'
import { files, holds } from './files.ts'
import { folders } from './folders.ts'
import { plan } from './plan.ts'
import { rules } from './rules.ts'
import { settings } from './settings.ts'
import { setup } from './setup.ts'
import { shell } from './shell.ts'
import { state } from './state.ts'

export const contract = {
  state,
  folders,
  setup,
  plan,
  backend,
  files,
  holds,
  conflicts,
  rules,
  activity,
  settings,
  shell,
}

export type HostClient = ContractRouterClient<typeof contract>
