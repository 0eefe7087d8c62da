/** The engine's log on stderr: errors always, the rest under --verbose. */
import type { Log, LogFields } from '../engine/ports/log.ts'
import type { Output } from './output.ts'
import { printable } from './text.ts'

export function createCliLog(out: Output): Log {
  const write = (level: string, message: string, fields: LogFields = {}): void => {
    const pairs = Object.entries(fields).filter(([, value]) => value !== undefined)
    const text = [message, ...pairs.map(([key, value]) => `${key}=${String(value)}`)].join(' ')
    out.warn(`${level}: ${printable(text)}`)
  }
  return {
    debug: (message, fields) => {
      if (out.verbose) write('debug', message, fields)
    },
    info: (message, fields) => {
      if (out.verbose) write('info', message, fields)
    },
    error: (message, fields) => write('error', message, fields),
  }
}
