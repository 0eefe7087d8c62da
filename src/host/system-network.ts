/**
 * The way out that this machine's other programs take: the certificates that its owner trusts, beside Node's own, and the
 * proxy that its environment names. Companies have both, and Node by itself knows neither.
 *
 * Both are settings of a whole process, so they are for the programs that are ours (command line, daemon, app); where
 * the library runs, it is another's. gRPC looks for the proxy by itself, in the real environment.
 */
type Environment = Readonly<Record<string, string | undefined>>

let wish: Environment | null = null
let followed: Promise<void> | null = null

/** To be called by a program that is ours. Costs nothing until something is reached over a network. */
export function followSystemNetwork(env: Environment): void {
  wish = env
}

/** Before the first connection to a database that lies elsewhere. */
export async function reachNetwork(): Promise<void> {
  if (wish !== null) followed ??= follow(wish)
  await followed
}

async function follow(env: Environment): Promise<void> {
  const [{ default: tls }, { default: http }] = await Promise.all([import('node:tls'), import('node:http')])
  // About 100 ms. With a store that cannot be read, Node's own are trusted alone.
  const system = tls.getCACertificates('system')
  const own = tls.getCACertificates('default')
  if (system.length > 0) tls.setDefaultCACertificates([...new Set([...own, ...system])])
  const proxy = proxyOf(env)
  // `fetch`, WebSockets and https. Node 22 takes it at its start alone (`NODE_USE_ENV_PROXY=1`).
  if (proxy !== null && 'setGlobalProxyFromEnv' in http) http.setGlobalProxyFromEnv(proxy)
}

/** Null where there is none. What this machine itself serves (an emulator) is never asked through a proxy. */
export function proxyOf(env: Environment): Record<string, string> | null {
  const https = first(env, 'https_proxy')
  const plain = first(env, 'http_proxy')
  if (https === null && plain === null) return null
  return {
    ...(https === null ? {} : { HTTPS_PROXY: https }),
    ...(plain === null ? {} : { HTTP_PROXY: plain }),
    NO_PROXY: withLoopback(first(env, 'no_proxy')),
  }
}

/** Programs differ in which spelling they know; the small one counts where both are set. */
function first(env: Environment, name: string): string | null {
  const value = env[name] ?? env[name.toUpperCase()] ?? ''
  return value === '' ? null : value
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1']

function withLoopback(exceptions: string | null): string {
  const given = (exceptions ?? '').split(',').map(each => each.trim())
  return [...new Set([...given, ...LOOPBACK])].filter(each => each !== '').join(',')
}
