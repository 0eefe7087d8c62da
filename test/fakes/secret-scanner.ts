/** The scan for engines in tests: the rules themselves, and a trace that tells values apart. */
import { hash } from 'node:crypto'
import type { SecretScanner } from '../../src/engine/ports/secret-scanner.ts'
import { RuleScanner } from '../../src/platform/secrets/secret-scanner.ts'

const rules = new RuleScanner()

export const secretScanner: SecretScanner = {
  scan: (bytes, signal) => rules.scan(bytes, signal),
  trace: value => hash('sha256', value, 'hex'),
}
