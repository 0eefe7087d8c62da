/**
 * The colours of JSON and Markdown in the editor: few, of this app's palette, readable on coloured lines too.
 *
 * They are put on the same syntax as CodeMirror's default style, told apart by the colours it has there.
 */
import { defaultHighlightStyle, HighlightStyle, syntaxHighlighting } from '@codemirror/language'

const NUMBER = { color: 'var(--color-accent)' }
const QUIET = { color: 'var(--color-ink-2)' }

const BY_DEFAULT_COLOR: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '#404740': QUIET,
  '#219': NUMBER,
  '#164': NUMBER,
  '#a11': QUIET,
  '#00c': { fontWeight: '600' },
  '#940': { ...QUIET, fontStyle: 'italic' },
  '#f00': { color: 'var(--color-bad)' },
}

export const highlighting = syntaxHighlighting(
  HighlightStyle.define(
    defaultHighlightStyle.specs.map(({ tag, color, ...rest }) => ({
      tag,
      ...(typeof color === 'string' ? (BY_DEFAULT_COLOR[color] ?? {}) : withoutLine(rest)),
    })),
  ),
)

/** A heading is told by its weight; a line below it reads as a link. */
function withoutLine(rest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(rest).filter(([property]) => property !== 'textDecoration'))
}
