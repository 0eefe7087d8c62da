/**
 * Rules for secrets that matter here and that the maintained set does not know, in its own form. Each says where its
 * form is from; where the keeper of a service publishes none, it is that of the set of rules in
 * https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml ("gitleaks").
 */
import type { SecretLintRuleCreator } from '@secretlint/types'
import { addressIn, isPlaceholderPassword } from '../../engine/core/secret-placeholder.ts'
import type { SecretRule } from '../../engine/core/secret-kinds.ts'
import { isSecretSupabaseKey } from '../../engine/core/supabase-key.ts'

interface Options {
  /** Of what has the form, what is a secret; `text` is all of it. */
  readonly accepts?: (value: string, text: string, at: number) => boolean
}

/** What is between the last brackets of the pattern is the secret; all of the match where there are none. */
function rule(
  id: SecretRule,
  pattern: RegExp,
  { accepts = () => true }: Options = {},
): SecretLintRuleCreator {
  return {
    messages: { FOUND: { en: () => id } },
    meta: { id, type: 'scanner', recommended: true, supportedContentTypes: ['text'] },
    create: context => ({
      file: ({ content }) => {
        const translate = context.createTranslator({ FOUND: { en: () => id } })
        for (const match of content.matchAll(pattern)) {
          const value = match[1] ?? match[0]
          const at = match.index + match[0].lastIndexOf(value)
          if (!accepts(value, content, at)) continue
          context.report({ message: translate('FOUND'), range: [at, at + value.length] })
        }
      },
    }),
  }
}

export const OWN_RULES: readonly SecretLintRuleCreator[] = [
  // https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1; schemes beside those of the set. A user may be missing.
  rule(
    'own-address',
    /\b(?:rediss?|amqps?|mariadb|mssql|sqlserver|cockroachdb|clickhouse|nats|ldaps?|smtps?|imaps?|sftp|ssh|wss?|libsql|git\+https?|https?|ftps?):\/\/[^:/@\s]{0,100}:[^/@\s]{4,200}@[^\s/?#]{1,100}/gi,
    { accepts: value => addressIn(value) !== null },
  ),
  // https://github.com/C2SP/C2SP/blob/main/age.md#the-x25519-recipient-type (Bech32)
  rule('own-age', /\bAGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b/g),
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html: an identifier, and its secret beside it.
  rule(
    'own-aws-pair',
    /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b[^A-Za-z0-9/+][^/+]{0,60}?(?<![A-Za-z0-9/+=])([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/g,
    // A hash in hexadecimal has as many digits.
    { accepts: value => /[A-Z]/.test(value) && /[g-z]/.test(value) && !/\bSECRET/i.test(value) },
  ),
  // https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
  rule('own-azure', /\b(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{43}(?:[A-Za-z0-9+/]{43})?={1,2})/g),
  // https://learn.microsoft.com/dotnet/api/system.data.sqlclient.sqlconnection.connectionstring
  rule(
    'own-connection-string',
    /\b(?:Server|Data Source|Host)=[^\n;]{1,200};[^\n]{0,400}?(?<=; ?)(?:Password|Pwd)=([^;\s'"]{4,100})/gi,
    { accepts: value => !isPlaceholderPassword(value) },
  ),
  // https://docs.convex.dev/cli/deploy-key-types
  rule(
    'own-convex',
    /\b(?:(?:prod|dev|preview|project):[a-zA-Z0-9-]{1,80}(?::[a-zA-Z0-9-]{1,80})?|convex-self-hosted)\|([A-Za-z0-9+/=_-]{20,2000})/g,
  ),
  // gitleaks: digitalocean-pat, -access-token, -refresh-token
  rule('own-digitalocean', /\bdo[opr]_v1_[a-f0-9]{64}\b/g),
  // https://firebase.google.com/docs/projects/api-keys: the key in a web app's configuration is meant to be public.
  rule('own-google', /\bAIza[\w-]{35}(?![\w-])|\bGOCSPX-[\w-]{28}(?![\w-])/g, {
    accepts: (_value, text, at) =>
      !/authDomain|firebaseapp\.com/.test(text.slice(Math.max(0, at - 500), at + 700)),
  }),
  // gitleaks has none; https://openrouter.ai/docs/api-reference/authentication shows the beginning
  rule('own-openrouter', /\bsk-or-v1-[a-f0-9]{64}\b/g),
  // gitleaks: perplexity-api-key
  rule('own-perplexity', /\bpplx-[a-zA-Z0-9]{48}\b/g),
  // gitleaks: planetscale-password, -api-token, -oauth-token
  rule('own-planetscale', /\bpscale_(?:pw|tkn|oauth)_[\w=.-]{32,64}/g),
  // https://www.rfc-editor.org/rfc/rfc7468 and RFC 9580, 6.2: encrypted, short (Ed25519) and OpenPGP keys, which the set leaves out.
  rule(
    'own-private-key',
    /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----[^-]{60,20000}(?:-{4,5}END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-{4,5})?|\bPuTTY-User-Key-File-\d: [\s\S]{60,20000}?\bPrivate-MAC: [0-9a-f]{20,64}/g,
    { accepts: isKeyBlock },
  ),
  // gitleaks: pypi-upload-token
  rule('own-pypi', /\bpypi-AgEIcHlwaS5vcmc[\w-]{50,1000}/g),
  // https://docs.stripe.com/webhooks/signature, https://docs.svix.com/receiving/verifying-payloads/how-manual
  rule('own-stripe-webhook', /\bwhsec_[A-Za-z0-9+/]{32,100}={0,2}/g),
  // https://supabase.com/docs/guides/getting-started/api-keys: secret keys, access tokens, the service role's older token.
  rule(
    'own-supabase',
    /\bsb_secret_[\w-]{20,80}|\bsbp_[a-f0-9]{40}\b|\beyJ[\w-]{10,500}\.eyJ[\w-]{10,4000}\.[\w-]{20,500}/g,
    {
      accepts: value => value.startsWith('sbp_') || isSecretSupabaseKey(value),
    },
  ),
  // https://core.telegram.org/bots/api#authorizing-your-bot
  rule('own-telegram', /(?<![\w:])\d{8,12}:AA[\w-]{33}(?![\w-])/g),
  // https://docs.x.ai/docs/tutorial shows the beginning; the length is that of keys of today.
  rule('own-xai', /\bxai-[A-Za-z0-9]{80}\b/g),
]

/** Of a block, what is left without its headers is base64, of a length that a key has. */
function isKeyBlock(block: string): boolean {
  if (block.startsWith('PuTTY')) return /\bPrivate-Lines: \d/.test(block)
  const body = block
    .replace(/-{4,5}[^-]*-{4,5}/g, '')
    .replace(/^[\w-]+: .*$/gm, '')
    .replace(/\s/g, '')
  return (
    body.length >= 60 && /^[A-Za-z0-9+/]+={0,3}(?:=[A-Za-z0-9+/]{4})?$/.test(body) && new Set(body).size >= 20
  )
}
