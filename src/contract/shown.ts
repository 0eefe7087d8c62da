/**
 * Foreign text (a name, a path, a message of the system) as it may be shown: what cannot be seen and what turns text
 * around stands there as `\u202e`, so that no name looks like another one, and no text like a line of ours.
 *
 * Letters of every script stay as they are, and so do joiners where a script or an emoji needs them. The one place for
 * page, tray, notifications and command line; the result is for eyes alone.
 */

/** Names of one line: whatever has no shape of its own, and every control character. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/gu
/** Of those, the ones that are seen: Arabic signs that stand before a number or a verse. */
const SEEN = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u
/** After letters of these a joiner changes their shape. */
const JOINING =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]$/u
const EMOJI_BEFORE = /\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?$/u
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u
const KEYCAP_BEFORE = /[0-9#*]$/
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

const ZWNJ = '\u200c'
const ZWJ = '\u200d'
/** Asks for the emoji of a character that is text as well. */
const EMOJI_STYLE = '\ufe0f'
const FIRST_STRONG_ISOLATE = '\u2068'
const POP_ISOLATE = '\u2069'

/** A name or a path, for a place that isolates it by itself, such as `<bdi>`. */
export function escaped(text: string): string {
  return replaceUnseen(text, escapeOf)
}

/** The same for a place amid other words: one that reads from right to left does not turn them around. */
export function shownName(name: string): string {
  const shown = escaped(name)
  return readsRightToLeft(shown) ? FIRST_STRONG_ISOLATE + shown + POP_ISOLATE : shown
}

/** Whether some of it does. */
export function readsRightToLeft(text: string): boolean {
  return RIGHT_TO_LEFT.test(text)
}

/** Sentences, in which names may stand as `shownName` gives them. Line ends and tabs stay. */
export function shownText(text: string): string {
  const parts = text.split(/(\u2068[^\u2066-\u2069]*\u2069)/u)
  return parts
    .map((part, index) =>
      index % 2 === 1 ? FIRST_STRONG_ISOLATE + inSentence(part.slice(1, -1)) + POP_ISOLATE : inSentence(part),
    )
    .join('')
}

function inSentence(text: string): string {
  return replaceUnseen(text, character => (/[\n\t]/.test(character) ? character : escapeOf(character)))
}

/** Puts something else in the place of each character that cannot be seen or that misleads. */
export function replaceUnseen(text: string, replace: (character: string) => string): string {
  if (/^[ -~]*$/.test(text)) return text
  return text.replace(UNSEEN, (character, at: number) =>
    SEEN.test(character) || isNeeded(text, character, at) ? character : replace(character),
  )
}

function isNeeded(text: string, character: string, at: number): boolean {
  if (![ZWNJ, ZWJ, EMOJI_STYLE].includes(character)) return false
  // Enough for a pictograph with its modifier.
  const before = text.slice(Math.max(0, at - 4), at)
  const after = text.slice(at + 1)
  if (character === EMOJI_STYLE)
    return /\p{Extended_Pictographic}$/u.test(before) || (KEYCAP_BEFORE.test(before) && after[0] === '\u20e3')
  if (JOINING.test(before)) return true
  return character === ZWJ && EMOJI_BEFORE.test(before) && EMOJI_AFTER.test(after.slice(0, 2))
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0)!
  const digits = code.toString(16)
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`
  return code > 0xffff ? `\\u{${digits}}` : `\\u${digits.padStart(4, '0')}`
}
