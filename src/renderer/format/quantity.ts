/** Numbers and sizes in words. */

const whole = new Intl.NumberFormat('en-GB')
const short = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 })

export function count(value: number): string {
  return whole.format(value)
}

/** “1 file”, “3 files”. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** Bytes in decimal units, as file browsers show them. */
export function bytes(value: number): string {
  if (value < 1_000) return plural(value, 'byte')
  const units = ['kB', 'MB', 'GB', 'TB'] as const
  let scaled = value / 1_000
  for (const unit of units) {
    if (scaled < 1_000 || unit === 'TB') return `${short.format(scaled)} ${unit}`
    scaled /= 1_000
  }
  return ''
}

/** “a”, “a and b”, “a, b and c”. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
}
