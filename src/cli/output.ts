/**
 * Where each word goes: results and machine output to stdout, messages to stderr, and on a terminal one
 * status line that is rewritten in place and always the last thing on the screen.
 */
import { styleText } from 'node:util'
import { replaceUnseen } from '../contract/shown.ts'
import { displayWidth, fit, printable } from './text.ts'

/** As much of a writable stream as is needed here. */
export interface OutputStream {
  write(text: string): boolean
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export interface OutputOptions {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** The status line is not rewritten more often than this, in milliseconds. */
const STATUS_INTERVAL_MS = 50
/** Width taken where the terminal does not tell, in cells. */
const FALLBACK_COLUMNS = 80

export class Output {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  /** Whether there is a status line at all: a person sits at a terminal. */
  readonly hasStatusLine: boolean
  readonly #stdout: OutputStream
  readonly #stderr: OutputStream
  readonly #colour: { readonly stdout: boolean; readonly stderr: boolean }
  #muted = false
  #status = ''
  #statusShown = false
  #statusAt = 0
  #statusTimer: NodeJS.Timeout | null = null

  constructor(options: OutputOptions) {
    this.json = options.json
    this.quiet = options.quiet
    this.verbose = options.verbose
    this.#stdout = options.stdout
    this.#stderr = options.stderr
    const isDumb = options.env['TERM'] === 'dumb'
    const wantsColour = !isDumb && (options.env['NO_COLOR'] ?? '') === ''
    this.#colour = {
      stdout: wantsColour && options.stdout.isTTY === true,
      stderr: wantsColour && options.stderr.isTTY === true,
    }
    this.hasStatusLine = options.stderr.isTTY === true && !isDumb && !options.json && !options.quiet
  }

  /** One JSON document on one line of stdout. */
  document(value: unknown): void {
    this.#aboveStatus(() => this.#stdout.write(`${jsonLine(value)}\n`))
  }

  /** What the command was asked for: the document under --json, else the lines. */
  result(value: unknown, lines: () => readonly string[]): void {
    if (this.json) return this.document(value)
    for (const line of lines()) this.line(line)
  }

  /** A line of the result for a person. */
  line(text: string): void {
    if (!this.json) this.#aboveStatus(() => this.#stdout.write(`${this.#oneLine(text)}\n`))
  }

  /** A message that may be left out. */
  note(text: string): void {
    if (!this.quiet) this.warn(text)
  }

  /** A message that must be seen. */
  warn(text: string): void {
    this.#aboveStatus(() => this.#stderr.write(`${printable(text)}\n`))
  }

  /** What goes on just now; shown on a terminal only. */
  status(text: string): void {
    if (!this.hasStatusLine || this.#muted) return
    this.#status = text
    if (this.#statusTimer !== null) return
    const wait = this.#statusAt + STATUS_INTERVAL_MS - performance.now()
    if (wait <= 0) return this.#drawStatus()
    this.#statusTimer = setTimeout(() => this.#drawStatus(), wait)
    this.#statusTimer.unref()
  }

  clearStatus(): void {
    this.#status = ''
    if (this.#statusTimer !== null) clearTimeout(this.#statusTimer)
    this.#statusTimer = null
    this.#eraseStatus()
  }

  /** Writes nothing from here on: its reader has gone. */
  mute(): void {
    this.clearStatus()
    this.#muted = true
  }

  style(style: Style | readonly Style[], text: string): string {
    return this.#colour.stdout
      ? styleText([...(typeof style === 'string' ? [style] : style)], text, { validateStream: false })
      : text
  }

  /** Whatever is in it, a line stays one line (R12.5). */
  #oneLine(text: string): string {
    if (!this.#colour.stdout) return printable(text)
    return text
      .split(COLOUR)
      .map((part, index) => (index % 2 === 1 ? part : printable(part)))
      .join('')
  }

  #aboveStatus(write: () => void): void {
    if (this.#muted) return
    this.#eraseStatus()
    write()
    if (this.#status !== '') this.#drawStatus()
  }

  #drawStatus(): void {
    if (this.#statusTimer !== null) clearTimeout(this.#statusTimer)
    this.#statusTimer = null
    this.#statusAt = performance.now()
    // One cell is left free: a full last column makes some terminals wrap.
    const text = fit(printable(this.#status), (this.#stderr.columns ?? FALLBACK_COLUMNS) - 1)
    const shown = this.#colour.stderr ? styleText('dim', text, { validateStream: false }) : text
    this.#stderr.write(`\r${shown}\u001b[K`)
    this.#statusShown = displayWidth(text) > 0
  }

  #eraseStatus(): void {
    if (!this.#statusShown) return
    this.#stderr.write('\r\u001b[K')
    this.#statusShown = false
  }
}

/** Those of `style` alone: others hide text, or have it blink. */
// oxlint-disable-next-line no-control-regex -- colours are control sequences
const COLOUR = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/

/** Escaped as JSON has it is also what JSON would let through. */
export function jsonLine(value: unknown): string {
  return replaceUnseen(JSON.stringify(value), character =>
    Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
      .map(unit => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
