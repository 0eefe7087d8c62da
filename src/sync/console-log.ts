/** What a server's operator should see, where the program gives no log of its own: errors, on stderr. */
import type { Log } from '../engine/ports/log.ts'

export const consoleLog: Log = {
  debug: () => {},
  info: () => {},
  error: message => void process.stderr.write(`[lockstep] ${message}\n`),
}
