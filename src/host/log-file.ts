/** The log on the disk, for what runs long: so that yesterday's trouble can be looked up. */
import type { Environment } from '../engine/core/settings.ts'
import type { Log, LogFields } from '../engine/ports/log.ts'
import { lockstepHome, logFolder } from '../platform/home.ts'
import { openLog } from '../platform/logger.ts'

/** Says everything to `log` too. */
export function withLogFile(log: Log, env: Environment, level: 'debug' | 'info'): Log {
  const file = openLog(logFolder(lockstepHome(env)), { level })
  const both =
    (name: keyof Log) =>
    (message: string, fields?: LogFields): void => {
      log[name](message, fields)
      file[name](message, fields)
    }
  return { debug: both('debug'), info: both('info'), error: both('error') }
}
