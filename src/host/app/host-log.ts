/** The host's log: on the disk, with a level that can be changed while it runs. */
import type { Settings } from '../../contract/settings.ts'
import type { Log, LogFields } from '../../engine/ports/log.ts'
import { logFolder } from '../../platform/home.ts'
import { openLog } from '../../platform/logger.ts'

type Level = Settings['logLevel']

const RANK: Readonly<Record<Level, number>> = { error: 0, info: 1, debug: 2 }

/** `also` hears everything. */
export function openHostLog(home: string, also: Log | null, level: () => Level): Log {
  const file = openLog(logFolder(home), { level: 'debug' })
  const at =
    (name: Level) =>
    (message: string, fields?: LogFields): void => {
      also?.[name](message, fields)
      if (RANK[name] <= RANK[level()]) file[name](message, fields)
    }
  return { debug: at('debug'), info: at('info'), error: at('error') }
}
