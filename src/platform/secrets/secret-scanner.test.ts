import { readFileSync } from 'node:fs'
import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import { describe, expect, test } from 'vitest'
import { secretSample, secretSamples } from '../../../test/support/secret-samples.ts'
import { times } from '../../../test/support/long.ts'
import { SECRET_KINDS, type SecretRule } from '../../engine/core/secret-kinds.ts'
import { mayHoldSecret } from '../../engine/core/secret-search.ts'
import { OWN_RULES } from './own-rules.ts'
import { RuleScanner } from './secret-scanner.ts'

const RULES = Object.keys(SECRET_KINDS) as SecretRule[]

/** Keys of service accounts are private keys, which have a rule; `.p12` files are denied; what is allowed is for a person to say. */
const LEFT_OUT = ['gcp', 'filter-comments']

test('R10.12 each rule of the maintained set is known or left out with a reason, and each of our own is in the table', () => {
  const ids = rules.map(({ meta }) => meta.id.replace('@secretlint/secretlint-rule-', ''))
  const own = OWN_RULES.map(({ meta }) => meta.id)
  expect([...ids, ...own].toSorted()).toEqual([...RULES, ...LEFT_OUT].toSorted())
})

const SEEDS = Array.from({ length: times({ short: 1, long: 300 }) }, (_, index) => index + 1)

/** Where a secret may stand: each wraps a text that has one in it. */
const PLACES: Readonly<Record<string, (text: string) => string | Uint8Array>> = {
  'plain text': text => `# Notes\n\nUse this:\n${text}\nand no other.`,
  'a value of JSON': text => JSON.stringify({ title: 'a', note: text, more: 'b' }, null, 2),
  'a value of JSON in one line': text =>
    JSON.stringify({ mail: 'a@b.c', note: text, url: 'https://acme.io/a?b=c@d' }),
  'JSON in a value of JSON': text => JSON.stringify({ log: JSON.stringify({ note: text }) }),
  'JSON with escaped slashes': text => JSON.stringify({ note: text }).replaceAll('/', '\\/'),
  'JSON in which all is escaped': text =>
    `{"note":"${Array.from(text, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"}`,
  'a line behind other letters': text => `ключ 密钥 ${text}`,
  'lines that end as on Windows': text => `a\r\n${text.replaceAll('\n', '\r\n')}\r\n`,
  'UTF-16': text => Buffer.concat([Uint8Array.of(0xff, 0xfe), Buffer.from(`a\n${text}`, 'utf16le')]),
  'bytes that are no text': text =>
    Buffer.concat([Uint8Array.of(0, 0xc0, 0xff, 0x0a), Buffer.from(text), Uint8Array.of(0)]),
}

describe.each(RULES)('R10.12 %s', rule => {
  test.each(Object.keys(PLACES))('is found in %s, and the search for literals lets it pass', async place => {
    const scanner = new RuleScanner()
    for (const text of SEEDS.flatMap(seed => secretSamples(rule, seed))) {
      const placed = PLACES[place]!(text)
      const bytes = typeof placed === 'string' ? Buffer.from(placed) : placed
      expect(mayHoldSecret(bytes), text).toBe(true)
      const found = await scanner.scan(bytes)
      expect(
        found.map(secret => secret.rule),
        text,
      ).toEqual([rule])
    }
  })

  test('is one and the same value wherever it stands', async () => {
    const scanner = new RuleScanner()
    for (const text of secretSamples(rule)) {
      const values = new Set<string>()
      for (const place of Object.values(PLACES)) {
        const placed = place(text)
        const [found] = await scanner.scan(typeof placed === 'string' ? Buffer.from(placed) : placed)
        values.add(found!.value.replace(/\s+/g, ''))
      }
      expect(values.size, [...values].join(' | ')).toBe(1)
    }
  })
})

/** What stands in files every day, and has only the form of a secret or not even that. */
const HARMLESS: Readonly<Record<string, string>> = {
  prose:
    'The password is with Anna, the token in the vault. Send the API key: ask her. https://acme.io:8080/a?b=c@d',
  'addresses of mail and pages':
    'mailto:anna@acme.io, https://acme.io/@anna, git@github.com:acme/x.git, ssh://git@acme.io/x',
  'hashes and ids': `sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709\nsha512-${'Zm9vYmFy'.repeat(11)}==\n3f2504e0-4f89-41d3-9a0c-0305e82c3301\nAKIA in a word, ASIAN, prod: yes | no`,
  'a lockfile': readFileSync('package-lock.json', 'utf8').slice(0, 200_000),
  'an image in base64': `![x](data:image/png;base64,${Buffer.from(Array.from({ length: 30_000 }, (_, index) => (index * 7919 + (index >> 3)) & 0xff)).toString('base64')})`,
  'local databases':
    'postgres://app:Tr0ubadour9@localhost:5432/dev\nredis://:foobared9@127.0.0.1:6379\nmysql://root:root@db/x\nmongodb://u:S0me9@[::1]/x',
  placeholders:
    'postgres://user:password@localhost/x postgresql://postgres:[YOUR-PASSWORD]@db.abc.supabase.co:5432/postgres https://user:<password>@acme.io mysql://app:****@acme.io/x mongodb+srv://app:${DB_PASSWORD}@acme.io postgres://app:{password}@acme.io amqp://user:example@acme.io redis://:$REDIS_PASSWORD@acme.io postgres://USER:PASSWORD@HOST:PORT/DB https://user:xxxx@acme.io',
  'addresses in JSON in one line':
    '{"db":"postgres://acme.io:5432","mail":"anna@acme.io","u":"https://acme.io:443","to":"b@acme.io"}',
  'masked tokens': `ghp_${'x'.repeat(36)} ghp_**** sk-ant-api03-... sk_live_... xoxb-your-token-here npm_config_registry_is_this_name_here_xy AKIA... glpat-<your token>`,
  'names of variables':
    'AWS_SECRET_ACCESS_KEY=$SECRET\nexport GITHUB_TOKEN=${GITHUB_TOKEN}\nSTRIPE_KEY=process.env.STRIPE_KEY',
  'public keys and certificates': `${'-'.repeat(5)}BEGIN PUBLIC KEY${'-'.repeat(5)}\n${'MIIBIjAN'.repeat(30)}\n${'-'.repeat(5)}END PUBLIC KEY${'-'.repeat(5)}\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI anna@acme`,
  'a private key that is told of': `${'-'.repeat(5)}BEGIN PRIVATE KEY${'-'.repeat(5)}\n...\n${'-'.repeat(5)}END PRIVATE KEY${'-'.repeat(5)}`,
  'public tokens': `anon ${['eyJhbGciOiJIUzI1NiJ9', Buffer.from('{"iss":"supabase","role":"anon"}').toString('base64url'), 'c2lnbmF0dXJlb2Z0aGlz'].join('.')} sb_publishable_abcdefghijklmnopqrstuv_12345678`,
  'the configuration of a Firebase page': `const c = { apiKey: "${secretSamples('own-google')[0]}", authDomain: "acme.firebaseapp.com" }`,
  'connection strings without a password':
    'Server=db;Database=x;Trusted_Connection=True\nServer=db;User Id=app;Password=<password>;',
}

describe('R10.12 asks nobody about', () => {
  test.each(Object.entries(HARMLESS))('%s', async (_name, text) => {
    const scanner = new RuleScanner()
    for (const form of [text, JSON.stringify({ note: text }), JSON.stringify({ a: JSON.stringify([text]) })])
      expect(await scanner.scan(Buffer.from(form))).toEqual([])
  })
})

describe('R10.12 a large file', () => {
  test('is looked at in slices, and a secret at any of their edges is found once, with its line', async () => {
    const secret = secretSample()
    const line = 'The quick brown fox jumps over the lazy dog.\n'
    const slice = 256 * 1024
    const edges = [0, slice - 50, slice - 20, slice - 1, slice, slice + 1, 2 * slice + 48 * 1024 - 10]
    for (const edge of edges) {
      const before = line.repeat(Math.ceil(edge / line.length)).slice(0, edge)
      const text = `${before} ${secret}\n${line.repeat(20_000)}`
      const found = await new RuleScanner().scan(Buffer.from(text))
      expect(found).toEqual([{ rule: 'github', line: before.split('\n').length, value: secret }])
    }
  })

  test('runs rules over the slices only that may hold one', async () => {
    const scanner = new RuleScanner()
    const text = `${'a line of words\n'.repeat(100_000)}${secretSample()}\n`
    await scanner.scan(Buffer.from(text))
    expect(scanner.runs).toBeLessThanOrEqual(2 * RULES.length)
  })
})

test('R10.12 the line is that of the file, also where the value is in a value of JSON with lines of its own', async () => {
  const text = JSON.stringify({ a: 1, note: `x\ny\n${secretSample()}\nz` }, null, 2)
  const [found] = await new RuleScanner().scan(Buffer.from(text))
  expect(found).toMatchObject({ line: 3, value: secretSample() })
})

test('R10.12 a comment that switches a scanner off does not: what is allowed is for a person to say', async () => {
  const text = `<!-- secretlint-disable -->\n${secretSample()}\n`
  expect(await new RuleScanner().scan(Buffer.from(text))).toHaveLength(1)
})
