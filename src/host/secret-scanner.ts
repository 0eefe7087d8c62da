/** The secret scan as this LOCKSTEP_HOME has it: the rules, and the key by which values that are allowed are told again. */
import { createHmac } from 'node:crypto'
import type { SecretScanner } from '../engine/ports/secret-scanner.ts'
import { RuleScanner } from '../platform/secrets/secret-scanner.ts'
import { privateKey } from './app/private-key.ts'

const KEY_FILE = 'secrets.key'

/** One for a process: the rules are loaded once. */
const rules = new RuleScanner()

export function openSecretScanner(home: string): SecretScanner {
  let key: Buffer | null = null
  return {
    scan: (bytes, signal) => rules.scan(bytes, signal),
    trace: value =>
      createHmac('sha256', (key ??= privateKey(home, KEY_FILE)))
        .update(value)
        .digest('hex'),
  }
}
