/**
 * The kinds of secrets that the scan knows (R10.12), and for each the literals of which one is in every match.
 *
 * A search for these literals is all that a clean file costs, so each is as long as its rule allows. But for the
 * beginning of an address, no literal has a quote, a slash or a control character in it: those may be written as escapes
 * in a JSON value.
 */

export interface SecretMark {
  /** ASCII. */
  readonly literal: string
  readonly ignoresCase?: boolean
  /** Whether the match may go on behind the literal: `at` is where that ends. Never false for a match. */
  readonly mayGoOn?: (bytes: Uint8Array, at: number) => boolean
}

export interface SecretKind {
  /** For a person: "… in line 3". */
  readonly name: string
  readonly marks: readonly SecretMark[]
}

/** Longer than user and password of any address that a rule accepts. */
const LONGEST_USERINFO = 600

const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE] = [9, 10, 13, 32]
const [QUOTE, SLASH, COLON, LESS, GREATER, AT, BACKSLASH, BACKTICK, BAR] = [
  34, 47, 58, 60, 62, 64, 92, 96, 124,
]
const ENDS_USERINFO = new Set([TAB, LINE_FEED, CARRIAGE_RETURN, SPACE, QUOTE, LESS, GREATER, SLASH, BACKTICK])

/** `://user:password@`, or the same with slashes that are escaped, however often. */
function mayHaveUserinfo(bytes: Uint8Array, at: number): boolean {
  let slashes = 0
  let from = at - 1
  for (; bytes[from] === SLASH || bytes[from] === BACKSLASH; from += 1)
    if (bytes[from] === SLASH) slashes += 1
  if (slashes < 2) return false
  let hasColon = false
  for (let index = from; index < Math.min(bytes.length, from + LONGEST_USERINFO); index += 1) {
    const byte = bytes[index]!
    if (ENDS_USERINFO.has(byte)) return false
    if (byte === COLON) hasColon = true
    if (byte === AT && hasColon) return true
  }
  return false
}

const USERINFO: readonly SecretMark[] = [
  { literal: ':/', mayGoOn: mayHaveUserinfo },
  { literal: ':\\', mayGoOn: mayHaveUserinfo },
]

/** The name of a deployment, or of a team and a project, before the bar of a Convex key. */
const LONGEST_DEPLOYMENT = 170

function mayReachBar(bytes: Uint8Array, at: number): boolean {
  for (let index = at; index < Math.min(bytes.length, at + LONGEST_DEPLOYMENT); index += 1) {
    const byte = bytes[index]!
    if (byte === BAR) return true
    const isOfName = byte === COLON || byte === 45 || (byte >= 48 && byte <= 57) || isLetter(byte)
    if (!isOfName) return false
  }
  return false
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20
  return lower >= 97 && lower <= 122
}

/** Fewer characters follow on no beginning of a token: `npm_fund` is none. */
const SHORTEST_TOKEN = 8

/** Slashes may be escaped. */
const OF_TOKEN = new Set(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.+/=\\'
    .split('')
    .map(each => each.charCodeAt(0)),
)

function mayBeToken(bytes: Uint8Array, at: number): boolean {
  for (let index = at; index < at + SHORTEST_TOKEN; index += 1) if (!OF_TOKEN.has(bytes[index]!)) return false
  return true
}

function tokens(name: string, ...literals: readonly string[]): SecretKind {
  return { name, marks: literals.map(literal => ({ literal, mayGoOn: mayBeToken })) }
}

function blocks(name: string, ...literals: readonly string[]): SecretKind {
  return { name, marks: literals.map(literal => ({ literal })) }
}

function anyCase(...literals: readonly string[]): SecretMark[] {
  return literals.map(literal => ({ literal, ignoresCase: true }))
}

/** By the rule's id: those of the maintained rule set, and `own-…` beside them. */
export const SECRET_KINDS = {
  '1password': tokens('1Password service account token', 'ops_ey'),
  anthropic: tokens('Anthropic API key', 'sk-ant-api0'),
  aws: {
    name: 'AWS secret access key',
    marks: anyCase('secretaccesskey', 'secret_accesskey', 'secretaccess_key', 'secret_access_key'),
  },
  basicauth: { name: 'address with a password', marks: USERINFO },
  cloudflare: tokens('Cloudflare token', 'cfk_', 'cfut_', 'cfat_'),
  'database-connection-string': { name: 'database address with a password', marks: USERINFO },
  databricks: tokens('Databricks token', 'dapi'),
  docker: tokens('Docker access token', 'dckr_pat_'),
  figma: tokens('Figma token', 'figd_'),
  github: tokens('GitHub token', 'ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'),
  gitlab: tokens('GitLab token', 'glpat-'),
  grafana: tokens('Grafana token', 'glc_', 'glsa_'),
  groq: tokens('Groq API key', 'gsk_'),
  'hashicorp-vault': tokens('Vault token', 'hvs.', 'hvb.', 'hvr.'),
  huggingface: tokens('Hugging Face token', 'hf_'),
  linear: tokens('Linear API key', 'lin_api_'),
  notion: tokens('Notion token', 'ntn_'),
  npm: tokens('npm or GitHub token', 'npm_', ':x-oauth-basic@github'),
  openai: tokens('OpenAI API key', 'T3BlbkFJ'),
  privatekey: blocks('private key', 'PRIVATE KEY'),
  sendgrid: tokens('SendGrid API key', 'SG.'),
  shopify: tokens('Shopify key', 'shppa_', 'shpca_', 'shpat_', 'shpss_'),
  slack: {
    name: 'Slack token',
    marks: [
      ...tokens('', 'xoxb-', 'xoxp-', 'xoxa-', 'xoxo-', 'xoxr-', 'xapp-').marks,
      ...anyCase('hooks.slack.com'),
    ],
  },
  stripe: tokens('Stripe key', 'sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'),
  tailscale: tokens('Tailscale key', 'tskey-'),
  vercel: tokens('Vercel token', 'vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'),

  'own-address': { name: 'address with a password', marks: USERINFO },
  'own-age': tokens('age secret key', 'AGE-SECRET-KEY-1'),
  'own-aws-pair': tokens('AWS access key', 'AKIA', 'ASIA'),
  'own-azure': tokens('Azure key', 'AccountKey=', 'SharedAccessKey='),
  'own-connection-string': {
    name: 'connection string with a password',
    marks: anyCase(';password=', '; password=', ';pwd=', '; pwd='),
  },
  'own-convex': {
    name: 'Convex deploy key',
    marks: ['prod:', 'dev:', 'preview:', 'project:', 'convex-self-hosted'].map(literal => ({
      literal,
      mayGoOn: mayReachBar,
    })),
  },
  'own-digitalocean': tokens('DigitalOcean token', 'dop_v1_', 'doo_v1_', 'dor_v1_'),
  'own-google': tokens('Google API key or client secret', 'AIza', 'GOCSPX-'),
  'own-openrouter': tokens('OpenRouter API key', 'sk-or-v1-'),
  'own-perplexity': tokens('Perplexity API key', 'pplx-'),
  'own-planetscale': tokens('PlanetScale password or token', 'pscale_pw_', 'pscale_tkn_', 'pscale_oauth_'),
  'own-private-key': blocks('private key', 'PRIVATE KEY', 'PuTTY-User-Key-File-'),
  'own-pypi': tokens('PyPI token', 'pypi-AgE'),
  'own-stripe-webhook': tokens('webhook signing secret', 'whsec_'),
  'own-supabase': tokens('Supabase secret key', 'sb_secret_', 'sbp_', '.eyJ'),
  'own-telegram': tokens('Telegram bot token', ':AA'),
  'own-xai': tokens('xAI API key', 'xai-'),
} as const satisfies Readonly<Record<string, SecretKind>>

export type SecretRule = keyof typeof SECRET_KINDS

export function isSecretRule(id: string): id is SecretRule {
  return Object.hasOwn(SECRET_KINDS, id)
}
