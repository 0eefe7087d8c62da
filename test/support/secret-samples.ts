/**
 * Values that have the form of secrets and open nothing. All but what they begin with is made when a test runs, so
 * that no scanner finds one in this repository.
 */
import type { SecretRule } from '../../src/engine/core/secret-kinds.ts'

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
const HEX = `${DIGITS}abcdef`
const LETTERS = LOWER + LOWER.toUpperCase()
const WORD = LETTERS + DIGITS
const BASE64 = `${WORD}+/`
const BECH32 = 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'

/** The same for a seed, on each machine. */
class Source {
  #state: number

  constructor(seed: number) {
    this.#state = seed * 2_654_435_761 + 1
  }

  /** https://prng.di.unimi.it (splitmix), 32 bits. */
  next(below: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad)
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97)
    return ((bits ^ (bits >>> 15)) >>> 0) % below
  }

  of(alphabet: string, length: number): string {
    return Array.from({ length }, () => alphabet[this.next(alphabet.length)]!).join('')
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function pem(label: string, body: string): string {
  const dashes = '-'.repeat(5)
  const lines = body.match(/.{1,64}/g)!.join('\n')
  return `${dashes}BEGIN ${label}${dashes}\n${lines}\n${dashes}END ${label}${dashes}\n`
}

function token(source: Source, claims: object): string {
  const header = base64(JSON.stringify({ alg: 'HS256', typ: 'JWT' }))
  return [header, base64(JSON.stringify(claims)), source.of(WORD, 43)].join('.')
}

/** Of each kind all forms that it has, as they would stand in a file. */
const FORMS: Readonly<Record<SecretRule, (source: Source) => readonly string[]>> = {
  '1password': source => {
    // As long as a third and one: the last character is one of its own in base64.
    const padded = Buffer.from(JSON.stringify({ email: 'ab@c.d', key: source.of(WORD, 121) })).toString(
      'base64',
    )
    return [['op', 's_', padded].join('')]
  },
  anthropic: source => [['sk', 'ant', 'api03', `${source.of(WORD, 93)}AA`].join('-')],
  aws: source => {
    const value = source.of(BASE64, 39) + 'k'
    return [`AWS_SECRET_ACCESS_KEY=${value}`, `"secretAccessKey": "${value}"`]
  },
  basicauth: source => [
    `https://deploy:${source.of(WORD, 20)}@git.acme.io/x.git`,
    `ftp://web:${source.of(WORD, 9)}@files.acme.io`,
  ],
  cloudflare: source =>
    ['cfk', 'cfut', 'cfat'].map(prefix => `${prefix}_${source.of(WORD, 40)}${source.of(HEX, 8)}`),
  'database-connection-string': source =>
    ['postgres', 'postgresql', 'mysql', 'mongodb', 'mongodb+srv', 'MySQL'].map(
      scheme => `${scheme}://app:${source.of(WORD, 12)}!~@db.acme.io/main?sslmode=require`,
    ),
  databricks: source => [`dapi${source.of(HEX, 32)}`, `dapi${source.of(HEX, 32)}-2`],
  docker: source => [`dckr_pat_${source.of(WORD, 27)}`],
  figma: source => [`figd_${source.of(WORD, 43)}`],
  github: source => [
    ...['p', 'o', 'u', 's', 'r'].map(kind => `gh${kind}_${source.of(WORD, 36)}`),
    `github_pat_${source.of(WORD, 82)}`,
    `ghs_12345_${token(source, { iss: '12345' })}`,
  ],
  gitlab: source => [`glpat-${source.of(WORD, 20)}`],
  grafana: source => [`glc_${source.of(WORD, 80)}=`, `glsa_${source.of(WORD, 32)}_${source.of(HEX, 8)}`],
  groq: source => [`gsk_${source.of(WORD, 52)}`],
  'hashicorp-vault': source => [
    `hvs.${source.of(WORD, 95)}`,
    `hvb.${source.of(WORD, 150)}`,
    `hvr.${source.of(WORD, 95)}`,
  ],
  huggingface: source => [`hf_${source.of(LETTERS, 34)}`],
  linear: source => [`lin_api_${source.of(WORD, 40)}`],
  notion: source => [`ntn_${source.of(DIGITS, 11)}${source.of(WORD, 35)}`],
  npm: source => [
    `npm_${source.of(WORD, 36)}`,
    `https://${source.of(HEX, 40)}:x-oauth-basic@github.com/acme/x`,
  ],
  openai: source => [
    ['sk', 'proj', `${source.of(WORD, 74)}T3BlbkFJ${source.of(WORD, 74)}`].join('-'),
    ['sk', `${source.of(WORD, 20)}T3BlbkFJ${source.of(WORD, 20)}`].join('-'),
  ],
  privatekey: source => [
    ...['RSA PRIVATE KEY', 'PRIVATE KEY', 'EC PRIVATE KEY'].map(label =>
      pem(label, `MI${source.of(BASE64, 800)}`),
    ),
    pem('OPENSSH PRIVATE KEY', `b3BlbnNzaC1rZXktdjE${'A'.repeat(9)}${source.of(BASE64, 300)}`),
  ],
  sendgrid: source => [['SG', source.of(WORD, 22), source.of(WORD, 43)].join('.')],
  shopify: source => ['ppa', 'pca', 'pat', 'pss'].map(kind => `sh${kind}_${source.of(HEX, 32)}`),
  slack: source => [
    [`xoxb`, source.of(DIGITS, 12), source.of(DIGITS, 13), source.of(WORD, 24)].join('-'),
    ['xapp', '1', `A0${source.of(DIGITS, 9)}`, source.of(DIGITS, 13), source.of(HEX, 40)].join('-'),
    `https://hooks.slack.com/services/T${source.of(DIGITS, 9)}/B${source.of(DIGITS, 9)}/${source.of(WORD, 24)}`,
  ],
  stripe: source =>
    ['sk_live', 'sk_test', 'rk_live', 'rk_test'].map(kind => [kind, source.of(WORD, 99)].join('_')),
  tailscale: source =>
    ['api', 'auth', 'client'].map(kind =>
      ['tskey', kind, source.of(WORD, 12), source.of(WORD, 24)].join('-'),
    ),
  vercel: source => ['p', 'i', 'a', 'r', 'k'].map(kind => `vc${kind}_${source.of(WORD, 56)}`),

  'own-address': source => [
    `rediss://:${source.of(WORD, 30)}@cache.acme.io:6380/0`,
    `amqps://worker:${source.of(WORD, 16)}@queue.acme.io`,
    `https://deploy:${source.of(WORD, 12)}!$@git.acme.io`,
  ],
  'own-age': source => [`AGE-SECRET-KEY-1${source.of(BECH32, 58)}`],
  'own-aws-pair': source => [`AKIA${source.of(LOWER.toUpperCase(), 16)},${source.of(BASE64, 37)}Kz4`],
  'own-azure': source => [
    `AccountName=acme;AccountKey=${source.of(BASE64, 86)}==;EndpointSuffix=core.windows.net`,
    `SharedAccessKeyName=x;SharedAccessKey=${source.of(BASE64, 43)}=`,
  ],
  'own-connection-string': source => [
    `Server=tcp:acme.database.windows.net,1433;User ID=app;Password=${source.of(WORD, 14)};Encrypt=True`,
    `Host=db.acme.io; Username=app; Password=${source.of(WORD, 14)}; Database=x`,
  ],
  'own-convex': source => [
    `prod:happy-otter-123|${base64(JSON.stringify({ v2: source.of(WORD, 40) }))}`,
    `preview:acme:notes|${source.of(HEX, 64)}`,
    `convex-self-hosted|01${source.of(HEX, 64)}`,
  ],
  'own-digitalocean': source => [`dop_v1_${source.of(HEX, 64)}`],
  'own-google': source => [`AIza${source.of(WORD, 35)}`, `GOCSPX-${source.of(WORD, 28)}`],
  'own-openrouter': source => [['sk', 'or', 'v1', source.of(HEX, 64)].join('-')],
  'own-perplexity': source => [`pplx-${source.of(WORD, 48)}`],
  'own-planetscale': source => [`pscale_pw_${source.of(WORD, 43)}`],
  'own-private-key': source => [
    pem('ENCRYPTED PRIVATE KEY', `MI${source.of(BASE64, 400)}`),
    pem('PRIVATE KEY', `MC4CAQAwBQYDK2VwBCIEI${source.of(BASE64, 43)}`),
    pem('PGP PRIVATE KEY BLOCK', `lQ${source.of(BASE64, 500)}`),
    `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: a\nPublic-Lines: 1\n${source.of(BASE64, 64)}\nPrivate-Lines: 1\n${source.of(BASE64, 64)}\nPrivate-MAC: ${source.of(HEX, 64)}\n`,
  ],
  'own-pypi': source => [`pypi-AgEIcHlwaS5vcmc${source.of(WORD, 120)}`],
  'own-stripe-webhook': source => [`whsec_${source.of(WORD, 32)}`],
  'own-supabase': source => [
    `sb_secret_${source.of(WORD, 22)}_${source.of(WORD, 8)}`,
    `sbp_${source.of(HEX, 40)}`,
    token(source, { iss: 'supabase', ref: source.of(LOWER, 20), role: 'service_role', iat: 1_700_000_000 }),
  ],
  'own-telegram': source => [`${source.of('123456789', 10)}:AA${source.of(WORD, 33)}`],
  'own-xai': source => [`xai-${source.of(WORD, 80)}`],
}

/** Other values with another seed. */
export function secretSamples(rule: SecretRule, seed = 1): readonly string[] {
  return FORMS[rule](new Source(seed))
}

/** The one that most stories use. */
export function secretSample(seed = 1): string {
  return secretSamples('github', seed)[0]!
}
