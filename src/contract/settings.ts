/** The app's own settings, which are the same for all folders of this machine. */
import { z } from 'zod'
import { base } from './words.ts'

const Theme = z.enum(['system', 'light', 'dark'])

export const Settings = z.object({
  theme: Theme,
  startAtLogin: z.boolean(),
  notifications: z.object({
    conflicts: z.boolean(),
    holds: z.boolean(),
    errors: z.boolean(),
    recovery: z.boolean(),
  }),
  history: z.object({
    /** 1 to 365. */
    days: z.number().int().min(1).max(365),
    /** Compressed, for each folder; 10 to 10,000. */
    megabytes: z.number().int().min(10).max(10_000),
  }),
  logLevel: z.enum(['error', 'info', 'debug']),
  /** Closing the window hides to the tray: whether that has been said once. */
  closeExplained: z.boolean(),
})
export type Settings = z.infer<typeof Settings>

export const SettingsPatch = Settings.partial()
export type SettingsPatch = z.infer<typeof SettingsPatch>

export const settings = {
  get: base.output(Settings),
  /** Answers with all settings as they are now. */
  set: base.input(SettingsPatch).output(Settings),
}
