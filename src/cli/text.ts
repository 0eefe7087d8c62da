/** Words, numbers and columns for a person to read. Pure. */
import { stripVTControlCharacters } from 'node:util'
import { escaped } from '../contract/shown.ts'

const NUMBER = new Intl.NumberFormat('en-US')

export function count(n: number): string {
  return NUMBER.format(n)
}

/** `1 file`, `2,000 files`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}

/** Local time; with the date where it is not today's. Both in milliseconds since the epoch. */
export function timeOf(ms: number, now: number): string {
  const at = new Date(ms)
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`
  const isToday = at.toDateString() === new Date(now).toDateString()
  return isToday ? time : `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${time}`
}

/** When something is tried again; a time that has passed is the next occasion's. Both in milliseconds since the epoch. */
export function nextTry(at: number, now: number): string {
  return at > now ? timeOf(at, now) : 'at the next sync'
}

function pad(n: number): string {
  return String(n).padStart(2, '0')
}

/** A length of time in milliseconds, in its one or two largest units. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} days`
}

/** Bytes in the unit that leaves a short number. */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`
  const units = ['KB', 'MB', 'GB', 'TB']
  let value = n / 1024
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/**
 * Makes foreign text (a path from a database, a message of the OS) harmless in a line of output: no control
 * character gets through, and so no escape sequence and no line end, and nothing that cannot be seen.
 */
export function printable(text: string): string {
  return escaped(text)
}

/** Cells a text takes on a terminal: colours none, East Asian and emoji two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of stripVTControlCharacters(text)) width += cells(character)
  return width
}

function cells(character: string): number {
  if (character <= '~') return 1
  if (/\p{M}|\u200d|\ufe0f/u.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u

/** Shortens in the middle, where paths have the least to say. */
export function fit(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  if (width < 2) return ''
  const characters = Array.from(text)
  let head = Math.ceil((width - 1) / 2)
  let tail = Math.floor((width - 1) / 2)
  for (;;) {
    const shortened = `${characters.slice(0, head).join('')}…${tail > 0 ? characters.slice(-tail).join('') : ''}`
    if (displayWidth(shortened) <= width) return shortened
    if (head >= tail) head -= 1
    else tail -= 1
  }
}

/** Rows as lines, each column as wide as its widest cell; the last column is never padded. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell))))
  }
  return rows.map(row =>
    (
      indent + row.map((cell, index) => padTo(cell, index === row.length - 1 ? 0 : widths[index]!)).join('  ')
    ).trimEnd(),
  )
}

function padTo(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - displayWidth(cell)))
}

/** As it must be typed in a POSIX shell, but for what cannot be shown. */
export function quoted(argument: string): string {
  return /^[\w./:@%+=,-]+$/.test(argument) ? argument : `'${printable(argument).replaceAll("'", `'\\''`)}'`
}
