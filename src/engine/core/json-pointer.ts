/** The path of a value as a person writes it, `servers[id=3].port`; different paths never look the same. */
import type { JsonStep } from './merge-result.ts'

/** The whole document. */
const ROOT = '$'
const PLAIN_KEY = /^[A-Za-z_][\w-]*$/

export function jsonPointer(path: readonly JsonStep[]): string {
  if (path.length === 0) return ROOT
  return path.map(written).join('').replace(/^\./, '')
}

function written(step: JsonStep): string {
  if (typeof step !== 'string') return `[${step.by}=${JSON.stringify(step.is)}]`
  return PLAIN_KEY.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
}
