import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countWork } from '../../../test/support/work.ts'
import { deniedBy, deniesFolder, DENYLIST, TEMPORARY_PREFIX } from './denylist.ts'

/** A file or folder for each entry. */
const EXAMPLES: readonly (readonly [pattern: string, ...names: string[]])[] = [
  ['.env*', '.env', '.env.local', '.envrc'],
  ['*.env', 'prod.env'],
  ['.flaskenv', '.flaskenv'],
  ['.dev.vars*', '.dev.vars', '.dev.vars.production'],
  ['.Renviron', '.Renviron'],
  ['local.settings.json', 'local.settings.json'],
  ['credentials.json', 'credentials.json'],
  ['secrets.json', 'secrets.json'],
  ['secrets.yml', 'secrets.yml'],
  ['secrets.yaml', 'secrets.yaml'],
  ['secrets.toml', 'secrets.toml'],
  ['.sessions.json', '.sessions.json'],
  ['.netrc', '.netrc'],
  ['_netrc', '_netrc'],
  ['.authinfo*', '.authinfo', '.authinfo.txt'],
  ['.htpasswd', '.htpasswd'],
  ['.git-credentials', '.git-credentials'],
  ['.pgpass', '.pgpass'],
  ['pgpass.conf', 'pgpass.conf'],
  ['.pg_service.conf', '.pg_service.conf'],
  ['.my.cnf', '.my.cnf'],
  ['.mylogin.cnf', '.mylogin.cnf'],
  ['.npmrc', '.npmrc'],
  ['.pypirc', '.pypirc'],
  ['.yarnrc.yml', '.yarnrc.yml'],
  ['.cargo/credentials*', '.cargo/credentials', '.cargo/credentials.toml'],
  ['.gem/credentials', '.gem/credentials'],
  ['.m2/settings*.xml', '.m2/settings.xml', '.m2/settings-security.xml'],
  ['.gradle/gradle.properties', '.gradle/gradle.properties'],
  ['.composer/auth.json', '.composer/auth.json'],
  ['.aws/', '.aws', '.aws/config'],
  ['*_accessKeys.csv', 'ann_accessKeys.csv'],
  ['rootkey.csv', 'rootkey.csv'],
  ['.azure/', '.azure', '.azure/msal_token_cache.json'],
  ['.oci/', '.oci/config'],
  ['.config/gcloud/', '.config/gcloud', '.config/gcloud/properties'],
  ['application_default_credentials.json', 'application_default_credentials.json'],
  ['.boto', '.boto'],
  ['service-account*.json', 'service-account.json', 'service-account-prod.json'],
  ['service_account*.json', 'service_account.json'],
  ['serviceAccount*.json', 'serviceAccountKey.json', 'serviceAccount.prod.json'],
  ['*firebase-adminsdk*.json', 'shop-firebase-adminsdk-x1y2z-0a1b.json'],
  ['firebase-tools.json', 'firebase-tools.json'],
  ['client_secret*.json', 'client_secret_1.apps.googleusercontent.com.json', 'client_secrets.json'],
  ['.docker/config.json', '.docker/config.json'],
  ['.dockercfg', '.dockercfg'],
  ['.kube/config*', '.kube/config', '.kube/config.bak'],
  ['kubeconfig', 'kubeconfig'],
  ['kubeconfig.yml', 'kubeconfig.yml'],
  ['kubeconfig.yaml', 'kubeconfig.yaml'],
  ['*.kubeconfig', 'prod.kubeconfig'],
  ['.vault-token', '.vault-token'],
  ['credentials.tfrc.json', 'credentials.tfrc.json'],
  ['.terraformrc', '.terraformrc'],
  ['terraform.rc', 'terraform.rc'],
  ['.s3cfg', '.s3cfg'],
  ['.passwd-s3fs', '.passwd-s3fs'],
  ['rclone.conf', 'rclone.conf'],
  ['kaggle.json', 'kaggle.json'],
  ['huggingface/token', '.cache/huggingface/token'],
  ['.databrickscfg', '.databrickscfg'],
  ['.sentryclirc', '.sentryclirc'],
  ['ngrok.yml', 'ngrok.yml'],
  ['.config/gh/hosts.yml', '.config/gh/hosts.yml'],
  ['.config/glab-cli/', '.config/glab-cli/config.yml'],
  ['.config/op/', '.config/op/config'],
  ['.config/doctl/', '.config/doctl/config.yaml'],
  ['.config/stripe/', '.config/stripe/config.toml'],
  ['github-copilot/hosts.json', '.config/github-copilot/hosts.json'],
  ['github-copilot/apps.json', 'github-copilot/apps.json'],
  ['.claude/.credentials.json', '.claude/.credentials.json'],
  ['.claude.json', '.claude.json'],
  ['.codex/auth.json', '.codex/auth.json'],
  ['opencode/auth.json', '.local/share/opencode/auth.json'],
  ['oauth_creds.json', '.gemini/oauth_creds.json'],
  ['.vercel/', '.vercel/project.json'],
  ['.netlify/', '.netlify/state.json'],
  ['.supabase/', '.supabase/access-token'],
  ['.wrangler/', '.wrangler/config/default.toml'],
  ['.fly/', '.fly/config.yml'],
  ['.*_history', '.bash_history', '.psql_history', '.node_repl_history'],
  ['fish_history', 'fish_history'],
  ['*.key', 'server.key', '.key'],
  ['*.pem', 'a.pem'],
  ['*.p8', 'AuthKey_1.p8'],
  ['*.p12', 'a.p12'],
  ['*.pfx', 'a.pfx'],
  ['*.pkcs12', 'a.pkcs12'],
  ['*.jks', 'a.jks'],
  ['*.jceks', 'a.jceks'],
  ['*.bks', 'a.bks'],
  ['*.keystore', 'debug.keystore'],
  ['*.keychain', 'login.keychain'],
  ['*.keychain-db', 'login.keychain-db'],
  ['*.ppk', 'a.ppk'],
  ['*.ovpn', 'office.ovpn'],
  ['.ssh/', '.ssh', '.ssh/known_hosts'],
  ['id_rsa*', 'id_rsa', 'id_rsa.pub', 'id_rsa_work'],
  ['id_dsa*', 'id_dsa'],
  ['id_ed25519*', 'id_ed25519'],
  ['id_ecdsa*', 'id_ecdsa'],
  ['ssh_host_*', 'ssh_host_rsa_key'],
  ['.gnupg/', '.gnupg/gpg.conf'],
  ['*.gpg', 'secring.gpg'],
  ['*.pgp', 'a.pgp'],
  ['*.age', 'backup.age'],
  ['*.kdbx', 'a.kdbx'],
  ['*.kdb', 'a.kdb'],
  ['.password-store/', '.password-store/.gpg-id'],
  ['wallet.dat', 'wallet.dat'],
  ['authorized_keys*', 'authorized_keys', 'authorized_keys2'],
  ['.git/', '.git', '.git/HEAD'],
  ['.hg/', '.hg/hgrc'],
  ['.svn/', '.svn/entries'],
  ['.bzr/', '.bzr/README'],
  ['.jj/', '.jj/repo'],
  ['_darcs/', '_darcs/format'],
  ['node_modules/', 'node_modules', 'node_modules/a/index.js'],
  ...['db', 'db3', 'sqlite', 'sqlite3', 'sl3', 's3db'].flatMap(end =>
    ['', '-wal', '-shm', '-journal'].map(log => [`*.${end}${log}`, `a.${end}${log}`] as const),
  ),
  ['*.duckdb', 'a.duckdb'],
  ['*.duckdb.wal', 'a.duckdb.wal'],
  ['*.mdb', 'a.mdb'],
  ['*.accdb', 'a.accdb'],
  ['*.tfstate*', 'terraform.tfstate', 'terraform.tfstate.backup', '.tfstate'],
  ['.terraform/', '.terraform/environment'],
  ['*.tfvars', 'prod.tfvars'],
  ['*.tfvars.json', 'prod.auto.tfvars.json'],
  ['sync-config.json', 'sync-config.json'],
  ['.sync-status.json', '.sync-status.json'],
  ['.sync-failures.json', '.sync-failures.json'],
  ['*.conflict', 'a.md.conflict'],
  ['_tmp-*', '_tmp-1', `${TEMPORARY_PREFIX}42`],
  ['*~', 'a.md~'],
  ['*.swp', '.a.md.swp'],
  ['*.swo', '.a.md.swo'],
  ['.#*', '.#a.md'],
  ['#*#', '#a.md#', '##'],
  ['.DS_Store', '.DS_Store'],
  ['Thumbs.db', 'Thumbs.db'],
  ['desktop.ini', 'desktop.ini'],
]

test('R10 every entry has an example, a category and a reason', () => {
  expect(DENYLIST.map(entry => entry.pattern)).toEqual(EXAMPLES.map(([pattern]) => pattern))
  for (const { category, reason } of DENYLIST) {
    expect(category).not.toBe('')
    expect(reason).toMatch(/^[A-Z].{20,}\.$/)
  }
})

describe.each(EXAMPLES)('R10 denies %s', (pattern, ...names) => {
  test.each(names)('%s at any depth, in any case, and all below it', name => {
    for (const path of [name, `data/${name}`, `data/a/b/${name}`]) {
      for (const cased of [path, path.toUpperCase(), path.replace(/[a-z]/, letter => letter.toUpperCase())]) {
        expect(deniedBy(cased)?.pattern).toBe(pattern)
        expect(deniedBy(`${cased}/below/x.json`)).not.toBeNull()
        expect(deniesFolder(cased)).toBe(true)
      }
    }
  })
})

test('F25 R10 denies a file in a folder that is denied', () => {
  expect(deniedBy('data/.env/secret.json')?.pattern).toBe('.env*')
  expect(deniedBy('data/NODE_MODULES/a/b.json')?.pattern).toBe('node_modules/')
})

test.each([
  'data/a.md',
  'data/env',
  'data/a.environment',
  'data/my-credentials.json',
  'data/credentials.json5',
  'data/service-account.yaml',
  'data/docker/config.json',
  'data/.docker/other.json',
  'data/.docker/a/config.json',
  'data/.docker',
  'config.json',
  'data/key',
  'data/a.keys',
  'data/.gitignore',
  'data/.github/x.yml',
  'data/db',
  'data/a.db.json',
  'data/a.sqlite4',
  'data/a_tmp-b',
  'data/#a',
  'data/#',
  'data/a#',
  'data/conflict',
  'data/tfstate',
  'data/~a',
  'data/Thumbs',
  // Ordinary words: their content tells.
  'data/token.json',
  'data/tokens.json',
  'data/auth.json',
  'data/keys.txt',
  'data/letter.asc',
  'data/secrets.md',
  'data/secret.json',
  'data/.cargo/config.toml',
  'data/.kube/deployment.yml',
  'data/.config/gh/config.yml',
  'data/gh/hosts.yml',
  'data/.config/x/gh/hosts.yml',
  'data/settings.xml',
  'data/.claude/settings.json',
  'data/history',
  'data/my_history',
  'data/storage',
  'data/GIT~1/config',
  'data/a: b.md',
])('R10 lets %s be', path => {
  expect(deniedBy(path)).toBeNull()
})

test.each([
  ['.\u017fsh/x', '.ssh/', 'a long s, as APFS'],
  ['a.\u212aey', '*.key', 'a Kelvin sign'],
  ['.g\u200cit/config', '.git/', 'a zero-width joiner, as HFS+'],
  ['.GI\ufeffT/config', '.git/', 'a byte order mark'],
  ['\u202eid_rsa', 'id_rsa*', 'what turns text around'],
  ['.docker\u2060/con\u00adfig.json', '.docker/config.json', 'in both names of a pair'],
  ['.ssh./x', '.ssh/', 'a dot at the end, as FAT and Windows'],
  ['node_modules . /x.js', 'node_modules/', 'dots and spaces at the end'],
  ['server.key ', '*.key', 'a space at the end'],
  ['.git\u200b. /config', '.git/', 'both'],
])('R10 %j is %s: %s', (path, pattern) => {
  expect(deniedBy(`data/${path}`)?.pattern).toBe(pattern)
})

test('the top folder is never denied', () => {
  expect(deniesFolder('')).toBe(false)
})

test('R10 the matcher says what the patterns mean', () => {
  const expressions = DENYLIST.map(entry => {
    const body = entry.pattern
      .replace(/\/$/, '')
      .replace(/[.*+?^${}()|[\]\\]/g, character => (character === '*' ? '[^/]*' : `\\${character}`))
    return new RegExp(`(?:^|/)${body}[. ]*(?:/|$)`, 'i')
  })
  const pieces = EXAMPLES.flatMap(([, ...names]) => names).flatMap(name => [
    name,
    name.slice(1),
    name.slice(0, -1),
  ])
  const path = fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.stringMatching(/^[a-z#~._-]{1,4}$/)), {
      minLength: 1,
      maxLength: 3,
    })
    .chain(parts => fc.constantFrom(parts.join('/'), parts.join('')))
  let denied = 0
  fc.assert(
    fc.property(path, candidate => {
      const expected = expressions.some(expression => expression.test(candidate))
      expect(deniedBy(candidate) !== null).toBe(expected)
      if (expected) denied++
    }),
    { numRuns: 1000 },
  )
  expect(denied).toBeGreaterThan(100)
  expect(denied).toBeLessThan(1000)
})

test('a path costs some hundred steps', async () => {
  const [, steps] = await countWork(`
    const { deniedBy } = await load('engine/core/denylist.ts')
    const paths = Array.from({ length: 10_000 }, (_, i) => 'data/agents/agent-' + (i % 100) + '/state/note-' + i + '.json')
    count()
    if (!paths.every(path => deniedBy(path) === null)) throw new Error('denied')
    count()`)
  expect(steps! / 10_000).toBeLessThan(200)
})
