/** SECURITY.md says which test shows each of its lines; a test that has gone shows nothing. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const paper = readFileSync(join(root, 'SECURITY.md'), 'utf8')

/** The lines of its tables, without their heads. */
const claims = paper
  .split('\n')
  .filter(line => line.startsWith('| ') && !line.startsWith('| ---') && !line.includes('shown by'))

test('each line of the threat model names tests that are there', () => {
  expect(claims.length).toBeGreaterThan(10)
  for (const claim of claims) {
    const tests = [...claim.matchAll(/`((?:src|test)\/[^`]+\.test\.ts)`/g)].map(([, path = '']) => path)
    expect(tests, claim).not.toEqual([])
    for (const path of tests) expect(existsSync(join(root, path)), path).toBe(true)
  }
})
