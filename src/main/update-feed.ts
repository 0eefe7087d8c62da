/**
 * Whether new versions may be asked for where this package says (pure): over https alone, for an AppImage is then
 * checked by a digest that the feed itself names. `text` is electron-builder's app-update.yml.
 */
export function isSafeFeed(text: string): boolean {
  const addresses = [...text.matchAll(/^\s*url:\s*(.+?)\s*$/gm)].map(([, value = '']) => unquoted(value))
  return addresses.length > 0 && addresses.every(isHttps)
}

function unquoted(value: string): string {
  return value.replace(/^(['"])(.*)\1$/, '$2')
}

function isHttps(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'https:'
}
