/**
 * No switch teaches a stock Chromium a standard scheme of an app's own, and a page of an unknown scheme has no
 * origin. So the page lives at `https://HOST.SCHEME-scheme.invalid/`, answered by the app's handler and never by a
 * network; everything that the main process sees of it says `SCHEME://HOST/`.
 */
const SUFFIX = '-scheme.invalid'

export function toPage(url: string): string {
  const [, scheme = '', host = '', rest = ''] = /^([a-z][\w.+-]*):\/\/([^/?#]*)(.*)$/i.exec(url) ?? []
  if (scheme === '' || ['http', 'https', 'file', 'devtools'].includes(scheme.toLowerCase())) return url
  return `https://${host}.${scheme}${SUFFIX}${rest}`
}

export function fromPage(url: string): string {
  const pattern = /^https:\/\/([^/?#]+)\.([a-z][\w+-]*)-scheme\.invalid(?=[/?#]|$)/i
  return url.replace(pattern, (_match, host: string, scheme: string) => `${scheme}://${host}`)
}

/** As Electron gives it for a standard scheme. */
export function originOf(url: string): string {
  const found = /^([a-z][\w.+-]*:\/\/[^/?#]*)/i.exec(url)
  return found?.[1] ?? 'null'
}
