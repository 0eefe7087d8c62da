/**
 * The system's proxy as variables for the host's process (pure). Chromium knows it (settings of the desktop, a company's
 * script), Node knows variables alone. What a person has set in the environment counts instead.
 */
type Environment = Readonly<Record<string, string | undefined>>

const NAMES = ['https_proxy', 'http_proxy'] as const

export function namesProxy(env: Environment): boolean {
  return NAMES.some(name => (env[name] ?? env[name.toUpperCase()] ?? '') !== '')
}

/** `answer` as Chromium gives it: `PROXY proxy.example:8080; DIRECT`. Empty where Node can use none of it. */
export function proxyVariables(answer: string, env: Environment): Record<string, string> {
  const [first = ''] = answer.split(';').map(each => each.trim())
  const [, kind = '', place = ''] = /^(PROXY|HTTPS) (\S+:\d+)$/.exec(first) ?? []
  if (place === '') return {}
  const address = `${kind === 'HTTPS' ? 'https' : 'http'}://${place}`
  const exceptions = env['no_proxy'] ?? env['NO_PROXY'] ?? ''
  // What this machine itself serves (an emulator) is never asked through a proxy; gRPC would do so.
  const loopback = 'localhost,127.0.0.1,::1'
  return {
    https_proxy: address,
    http_proxy: address,
    no_proxy: exceptions === '' ? loopback : `${exceptions},${loopback}`,
  }
}
