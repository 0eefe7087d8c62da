/** What the secret scan has found in a file, and which of it is told to a person (R10.12). */
import type { Channel } from './entry.ts'
import type { Problem } from './problem.ts'
import { SECRET_KINDS, type SecretRule } from './secret-kinds.ts'

export interface FoundSecret {
  readonly rule: SecretRule
  /** From 1. */
  readonly line: number
  /** Kept in memory only: nothing that is written anywhere has it in it. */
  readonly value: string
}

/** What a person sees of it. */
export interface MaskedSecret {
  readonly rule: SecretRule
  readonly name: string
  readonly line: number
  readonly masked: string
}

/** So many characters of a value are shown at most, and no more than a quarter of it. */
const SHOWN_CHARACTERS = 4

export function maskedSecret({ rule, line, value }: FoundSecret): MaskedSecret {
  return { rule, name: SECRET_KINDS[rule].name, line, masked: masked(value) }
}

function masked(value: string): string {
  const shown = value.slice(0, Math.min(SHOWN_CHARACTERS, value.length >> 2)).replace(/[^!-~]/g, '?')
  return `${shown}… (${value.length} characters)`
}

/** So many are named; the others are counted. */
const TOLD = 5

export function secretProblem(
  path: string,
  secrets: readonly MaskedSecret[],
): Problem & { readonly path: string } {
  const told = secrets.slice(0, TOLD).map(({ name, line, masked }) => `${name} in line ${line}: ${masked}`)
  const more = secrets.length - told.length
  const list = [...told, ...(more > 0 ? [`${more} more`] : [])].join('; ')
  const message = `It is not sent, for it holds what looks like a secret: ${list}. Take it out of the file, allow it (lockstep approve), or exclude the file (lockstep exclude).`
  return { code: 'secret', path, message }
}

/** What a person allows: this value for this rule, for all files of the channel. */
export function allowedKey(channel: Channel, secret: FoundSecret): string {
  return `${channel} ${secretKey(secret)}`
}

/** What makes two finds one: a key that is wrapped otherwise is the same. */
function secretKey({ rule, value }: Pick<FoundSecret, 'rule' | 'value'>): string {
  return `${rule} ${value.replace(/\s+/g, '')}`
}

/** Each value once, in the order of the file, but for those that are known. */
export function newSecrets(found: readonly FoundSecret[], known: readonly FoundSecret[]): FoundSecret[] {
  const seen = new Set(known.map(secretKey))
  return found.filter(secret => {
    const key = secretKey(secret)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
