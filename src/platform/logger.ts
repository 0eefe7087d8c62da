/**
 * The log on the disk: JSON lines by pino, written at once, so that the last line before a crash is there.
 * Fields are plain values by the port's type; names and forms of secrets are blotted out all the same.
 */
import { join } from 'node:path'
import { type Level, pino, stdTimeFunctions } from 'pino'
import type { Log, LogFields } from '../engine/ports/log.ts'
import { RotatingFile } from './rotating-file.ts'

export interface LoggerOptions {
  readonly level?: Extract<Level, 'debug' | 'info' | 'error'>
}

const BLOT = '[redacted]'
const SECRET_NAMES = [
  'password',
  'secret',
  'token',
  'key',
  'apiKey',
  'authorization',
  'cookie',
  'credentials',
  'content',
]
// Vendors' key forms, JSON web tokens, private keys, and whatever stands between `//` and `@` in a URL.
const SECRET_FORMS =
  /\bsb_(?:secret|publishable)_[\w-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|-----BEGIN[^-]*PRIVATE KEY-----[^]*?(?:-----END[^-]*-----|$)|(?<=:\/\/)[^/\s@]+(?=@)/g

export function openLog(folder: string, options: LoggerOptions = {}): Log {
  const file = new RotatingFile(join(folder, 'lockstep.log'))
  const logger = pino(
    {
      base: { pid: process.pid },
      level: options.level ?? 'info',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      redact: { paths: SECRET_NAMES, censor: BLOT },
    },
    file,
  )
  return {
    debug: (message, fields) => logger.debug(redacted(fields), withoutSecrets(message)),
    info: (message, fields) => logger.info(redacted(fields), withoutSecrets(message)),
    error: (message, fields) => logger.error(redacted(fields), withoutSecrets(message)),
  }
}

function redacted(fields: LogFields = {}): LogFields {
  const entries = Object.entries(fields)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? withoutSecrets(value) : value]),
  )
}

function withoutSecrets(text: string): string {
  return text.replace(SECRET_FORMS, BLOT)
}
