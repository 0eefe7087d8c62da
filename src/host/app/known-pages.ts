/** The web pages that the app itself leads to; no other is ever opened. */

const HOSTS: ReadonlySet<string> = new Set([
  'console.firebase.google.com',
  'supabase.com',
  'dashboard.convex.dev',
  'docs.convex.dev',
])

export function isKnownPage(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host, username, password } = new URL(address)
  return protocol === 'https:' && HOSTS.has(host) && username === '' && password === ''
}
