/**
 * Changes one value in the text of a .env file and nothing else: comments, order, quoting, `export`,
 * line ends, unknown and repeated keys, and a missing last line end all stay as they are.
 *
 * Reads the text by the rules of Node's `parseEnv`, and asks `parseEnv` afterwards whether the change
 * came out as it was meant; where it did not, nothing is changed (see `EnvTextError`).
 */
import { parseEnv } from 'node:util'

export class EnvTextError extends Error {
  override readonly name = 'EnvTextError'
}

interface Assignment {
  readonly key: string
  /** The value with its quotes, as offsets into the text. */
  readonly start: number
  readonly end: number
}

/** The text with `key` set to `value`: in the line that counts (the last one of that key), or in a new one. */
export function setEnvValue(text: string, key: string, value: string): string {
  if (parseEnv(text)[key] === value) return text
  const current = assignments(text).findLast(assignment => assignment.key === key)
  const changed = current === undefined ? append(text, key, value) : replaceValue(text, current, value)
  if (!readsBack(text, changed, key, value)) {
    throw new EnvTextError(
      `${key} cannot be set to this value without changing other lines of .env; edit it by hand.`,
    )
  }
  return changed
}

/** The line that sets `key`, from 1; null where none does. */
export function envLineOf(text: string, key: string): number | null {
  const current = assignments(text).findLast(assignment => assignment.key === key)
  return current === undefined ? null : text.slice(0, current.start).split('\n').length
}

/**
 * The text for a person's eyes, line by line as it is, but with the values of all keys hidden that are not
 * open. What is no assignment may still hold a secret (a line that was commented out, a note, the rest of a broken
 * quote), so of a comment only that there is one is shown. Where parseEnv reads the text otherwise than this module
 * does, which takes odd quotes or a space after `=`, no value is shown at all.
 */
export function maskEnvText(text: string, isOpen: (key: string) => boolean): string {
  const found = assignments(text)
  if (!isReadAlike(text, found)) return maskAll(text)
  let masked = ''
  let at = 0
  for (const { key, start, end } of found) {
    const lineStart = text.lastIndexOf('\n', start - 1) + 1
    masked += maskStray(text.slice(at, lineStart)) + text.slice(Math.max(at, lineStart), start)
    masked += isOpen(key) ? text.slice(start, end) : maskValue(text.slice(start, end))
    at = end
  }
  return masked + maskStray(text.slice(at))
}

const MASK = '••••••'

/**
 * Whether parseEnv finds the same values, and no other key: in the whole, and in each assignment with the one behind it,
 * for what is read otherwise may be overruled further down. Each part is parsed twice, so that a long file costs no more.
 */
function isReadAlike(text: string, found: readonly Assignment[]): boolean {
  const ends = found.map(({ end }) => Math.min(endOfLine(text, end) + 1, text.length))
  const isAlike = (from: number, to: number): boolean => {
    const part = text.slice(from === 0 ? 0 : ends[from - 1], to === found.length ? text.length : ends[to - 1])
    const expected = new Map(
      found.slice(from, to).map(({ key, start, end }) => [key, unquoted(text.slice(start, end))]),
    )
    const read = Object.entries(parseEnv(part))
    return read.length === expected.size && read.every(([key, value]) => expected.get(key) === value)
  }
  return (
    isAlike(0, found.length) && found.every((_, index) => isAlike(index, Math.min(index + 2, found.length)))
  )
}

/** As parseEnv takes quotes off, and `\n` in double quotes for a line end. */
function unquoted(value: string): string {
  const [, mark = '', inner = value] = /^(["'`])(.*)\1$/s.exec(value) ?? []
  const plain = inner.replaceAll('\r\n', '\n')
  return mark === '"' ? plain.replaceAll('\\n', '\n') : plain
}

/** Only the names of keys are left, and the lines. */
function maskAll(text: string): string {
  const keys = new Set(Object.keys(parseEnv(text)))
  return text.replace(/[^\r\n]+/g, line => {
    if (line.trim() === '') return line
    const [start = '', key = ''] = /^\s*(?:export\s+)?([^=\s]+)\s*=/.exec(line) ?? []
    return keys.has(key) ? start + MASK : MASK
  })
}

/** Keeps line ends, so that lines keep their numbers. */
function maskValue(value: string): string {
  return value.replace(/[^\r\n]+/g, MASK)
}

function maskStray(text: string): string {
  return text.replace(/[^\r\n]+/g, line => {
    if (line.trim() === '') return line
    const mark = /^\s*#\s*/.exec(line)?.[0] ?? ''
    return mark.length === line.length ? line : mark + MASK
  })
}

function replaceValue(text: string, { start, end }: Assignment, value: string): string {
  const old = text.slice(start, end)
  const preferred = /^["'`]/.test(old) ? old[0]! : ''
  // `KEY=# comment` would become one word with what follows.
  const gap = text[end] === '#' ? ' ' : ''
  return text.slice(0, start) + quote(value, preferred) + gap + text.slice(end)
}

function append(text: string, key: string, value: string): string {
  const lineEnd = /\r?\n/.exec(text)?.[0] ?? '\n'
  const line = `${key}=${quote(value, '')}`
  if (text === '' || text.endsWith('\n')) return `${text}${line}${lineEnd}`
  return `${text}${lineEnd}${line}`
}

/** In the quotes that were there, if the value can stand in them, else in the first ones in which it can. */
function quote(value: string, preferred: string): string {
  const forms = [preferred, '', '"', "'", '`'].map(mark => `${mark}${value}${mark}`)
  const fitting = forms.find(
    form => parseEnv(`K=${form}\nL=1`)['K'] === value && parseEnv(`K=${form}\nL=1`)['L'] === '1',
  )
  if (fitting === undefined) throw new EnvTextError('This value cannot be written in a .env file.')
  return fitting
}

function readsBack(before: string, after: string, key: string, value: string): boolean {
  const expected = { ...parseEnv(before), [key]: value }
  const found = { ...parseEnv(after) }
  const keys = Object.keys(expected)
  return keys.length === Object.keys(found).length && keys.every(name => found[name] === expected[name])
}

/** Every `KEY=value` of the text, in order. */
function assignments(text: string): Assignment[] {
  const found: Assignment[] = []
  let at = 0
  while (at < text.length) {
    const lineEnd = endOfLine(text, at)
    const line = text.slice(at, lineEnd)
    const sign = line.indexOf('=')
    const key = line
      .slice(0, Math.max(sign, 0))
      .trim()
      .replace(/^export\s+(?=[^#])/, '')
    if (key === '' || key.startsWith('#')) {
      at = lineEnd + 1
      continue
    }
    const value = line.slice(sign + 1)
    const start = at + line.length - value.trimStart().length
    const end = endOfValue(text, start, lineEnd)
    found.push({ key, start, end })
    at = endOfLine(text, end) + 1
  }
  return found
}

/** A quoted value may go over several lines; one whose quote is never closed ends with its line. */
function endOfValue(text: string, start: number, lineEnd: number): number {
  const mark = text[start]
  if (mark === '"' || mark === "'" || mark === '`') {
    const closing = text.indexOf(mark, start + 1)
    if (closing !== -1) return closing + 1
  }
  const line = text.slice(start, lineEnd)
  const comment = line.indexOf('#')
  return start + (comment === -1 ? line : line.slice(0, comment)).trimEnd().length
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}
