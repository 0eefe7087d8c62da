/** What the benchmark shows: a figure, what it is meant to be, and a reference that was measured beside it. */

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {string} value
 * @property {number} ours
 * @property {number} aim
 * @property {boolean} met
 * @property {string} text
 */

/** The value below which this part of the numbers lies. */
export function quantile(numbers, q) {
  const sorted = [...numbers].sort((x, y) => x - y)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

export const median = numbers => quantile(numbers, 0.5)

export const seconds = ms => `${(ms / 1000).toFixed(2)} s`
export const milliseconds = ms => `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`
export const megabytes = bytes => `${(bytes / 2 ** 20).toFixed(0)} MB`
export const percent = share => `${share.toFixed(2)} %`

/**
 * A figure that is to stay below another one.
 *
 * @param {string} name
 * @param {number} ours
 * @param {number} aim
 * @param {(figure: number) => string} format
 * @param {string} [beside] the reference, in words and with its figure
 * @returns {Line}
 */
export function below(name, ours, aim, format, beside) {
  const text = `aim: under ${format(aim)}${beside === undefined ? '' : `; ${beside}`}`
  return { name, value: format(ours), ours, aim, met: ours < aim, text }
}
