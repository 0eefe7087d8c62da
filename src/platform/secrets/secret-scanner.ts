/**
 * The secret scan by the rules of secretlint's recommended preset and a few of our own (port: engine/ports/secret-scanner).
 *
 * The rules are called directly: what their core adds to them is positions, and marks for a profiler, which it keeps for as
 * long as the process lives. They are loaded once a content may hold a secret, for most folders never.
 *
 * A text is given to them byte by byte: every secret is ASCII, and a letter beside it that is none must not hide it. Where
 * it has escapes of JSON in it, it is looked at once more without them, and again for JSON within a value of JSON.
 */
import type { SecretLintRuleContext, SecretLintRuleCreator, SecretLintSourceCode } from '@secretlint/types'
import { unescapeJson } from '../../engine/core/json-escapes.ts'
import { addressIn, isMasked, isPlaceholderAddress } from '../../engine/core/secret-placeholder.ts'
import { isSecretRule, type SecretRule } from '../../engine/core/secret-kinds.ts'
import { mayHoldSecret, wideOrder } from '../../engine/core/secret-search.ts'
import type { FoundSecret } from '../../engine/core/secrets.ts'
import type { SecretScanner } from '../../engine/ports/secret-scanner.ts'
import { nodeClock } from '../node-clock.ts'

/** Bytes that the rules are given at a time: some milliseconds. */
const SLICE_BYTES = 256 * 1024
/** Longer than what any rule matches, escaped twice; a match is found in one of two slices at least. */
const OVERLAP_BYTES = 48 * 1024
/** What a rule looks at before a match. */
const LOOK_BEHIND_BYTES = 64
/** JSON in a value of JSON in a value of JSON. */
const DEEPEST_ESCAPES = 3

interface Match {
  readonly rule: SecretRule
  /** In the bytes. */
  readonly from: number
  readonly to: number
  readonly value: string
}

/** One rule that is run over one text. */
type Rule = (text: string) => { readonly rule: SecretRule; readonly range: readonly [number, number] }[]

export class RuleScanner implements Pick<SecretScanner, 'scan'> {
  #rules: Promise<readonly Rule[]> | null = null
  /** How often a rule was run over a text: clean contents cost none. */
  runs = 0

  async scan(bytes: Uint8Array, signal?: AbortSignal): Promise<readonly FoundSecret[]> {
    const plain = withoutWideCharacters(bytes)
    const matches: Match[] = []
    for (let from = 0; from === 0 || from < plain.length; from += SLICE_BYTES) {
      const begin = Math.max(0, from - LOOK_BEHIND_BYTES)
      const end = Math.min(plain.length, from + SLICE_BYTES + OVERLAP_BYTES)
      if (mayHoldSecret(plain, begin, end)) {
        const found = await this.#scanSlice(plain.subarray(begin, end))
        for (const match of found) {
          const isOfSlice = begin + match.from >= from && begin + match.from < from + SLICE_BYTES
          if (isOfSlice) matches.push({ ...match, from: begin + match.from, to: begin + match.to })
        }
      }
      if (from + SLICE_BYTES >= plain.length) break
      await nodeClock.yield()
      signal?.throwIfAborted()
    }
    return numbered(plain, withoutOverlaps(matches))
  }

  async #scanSlice(bytes: Uint8Array): Promise<Match[]> {
    const rules = await (this.#rules ??= loadRules())
    const matches: Match[] = []
    let text = latin1(bytes)
    let sourceOf = (index: number): number => index
    for (let depth = 0; depth <= DEEPEST_ESCAPES; depth += 1) {
      const isWorthIt = depth === 0 || mayHoldSecret(Buffer.from(text, 'latin1'))
      if (isWorthIt) matches.push(...this.#apply(rules, text, sourceOf))
      const unescaped = unescapeJson(text)
      if (unescaped === null) break
      const outer = sourceOf
      sourceOf = index => outer(unescaped.sourceOf(index))
      text = unescaped.text
    }
    return matches
  }

  #apply(rules: readonly Rule[], text: string, sourceOf: (index: number) => number): Match[] {
    const plain = plainText(text)
    return rules.flatMap(run => {
      this.runs += 1
      return run(plain).flatMap(({ rule, range: [from, to] }) => {
        const value = secretIn(rule, text.slice(from, to))
        return value === null ? [] : [{ rule, from: sourceOf(from), to: sourceOf(to), value }]
      })
    })
  }
}

/** Of a character in UTF-16 one byte tells whether it is the ASCII that is looked for. */
function withoutWideCharacters(bytes: Uint8Array): Uint8Array {
  const order = wideOrder(bytes)
  return order === null ? bytes : bytes.filter((_, index) => index % 2 === (order === 'little' ? 0 : 1))
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** Of the same length. Quotes end a value, which some rules do not know; what is not ASCII is no letter. */
function plainText(text: string): string {
  return text.replace(/["`<>]/g, ' ').replace(/[\u0080-\uffff]/g, '\x7f')
}

const PRIVATE_KEYS: ReadonlySet<SecretRule> = new Set(['privatekey', 'own-private-key'])

/** Null for what has only the form of a secret. Of an address all but user, password and host is left out. */
function secretIn(rule: SecretRule, match: string): string | null {
  const address = addressIn(match)
  if (address !== null) return isPlaceholderAddress(address) ? null : address.whole
  if (PRIVATE_KEYS.has(rule)) return match
  return isMasked(match) || !mayBeToken(rule, match) ? null : match
}

/** Names that begin like a token: npm_config_…, xoxb-your-token. */
function mayBeToken(rule: SecretRule, match: string): boolean {
  if (rule === 'npm') return !/^npm_.*_/.test(match)
  if (rule === 'slack') return match.length >= 20 && (match.match(/\d/g)?.length ?? 0) >= 6
  return true
}

async function loadRules(): Promise<readonly Rule[]> {
  const [{ rules }, { OWN_RULES }] = await Promise.all([
    import('@secretlint/secretlint-rule-preset-recommend'),
    import('./own-rules.ts'),
  ])
  // The later one has its say where two find the same.
  return [...OWN_RULES, ...rules].flatMap(creator => {
    const id = creator.meta.id.replace(/^@secretlint\/secretlint-rule-/, '')
    return isSecretRule(id) ? [ruleOf(id, creator)] : []
  })
}

function ruleOf(id: SecretRule, creator: SecretLintRuleCreator): Rule {
  return text => {
    const found: ReturnType<Rule> = []
    const context: SecretLintRuleContext = {
      sharedOptions: {},
      createTranslator: () => (messageId, data) => ({
        message: id,
        messageId: String(messageId),
        data: data!,
      }),
      report: ({ range }) => found.push({ rule: id, range }),
      ignore: () => {},
    }
    // Rules look at the text alone, and some at the name of the file; without one they suppose the name that they look for.
    const source = { content: text, contentType: 'text', ext: '', filePath: undefined, hasBOM: false }
    void creator.create(context, {}).file?.(source as SecretLintSourceCode)
    return found
  }
}

/** What two rules have found is one secret; as it is without escapes where it is found in both ways. */
function withoutOverlaps(matches: readonly Match[]): Match[] {
  const kept: Match[] = []
  for (const match of matches.toReversed()) {
    if (!kept.some(other => other.from < match.to && match.from < other.to)) kept.push(match)
  }
  return kept.sort((a, b) => a.from - b.from)
}

function numbered(bytes: Uint8Array, matches: readonly Match[]): FoundSecret[] {
  let line = 1
  let at = 0
  return matches.map(({ rule, from, value }) => {
    for (; at < from; at += 1) if (bytes[at] === 0x0a) line += 1
    return { rule, line, value }
  })
}
