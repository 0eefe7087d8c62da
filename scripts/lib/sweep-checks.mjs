/** What must hold after a command has failed at a point, and was run again. Pure. */
import { isOfUsage } from './sweep-calls.mjs'

/** @import { History } from './sweep-histories.mjs' */
/** @typedef {Awaited<ReturnType<import('./sweep-devices.mjs').Devices['look']>>} Found */
/** @typedef {{ code: number | null, signal: string | null, json: any, stderr: string }} Failed */
/** @typedef {{ code: number, json: any, stderr: string }} Outcome */

/**
 * @typedef {object} Settled
 * @property {Outcome} again the command, run again
 * @property {readonly Outcome[]} syncs the last one of each device
 * @property {Found} found
 */

/** @param {History} history @param {Settled} settled @param {Settled | null} usual where nothing had failed @returns {string[]} */
export function violationsAfter(history, settled, usual) {
  const { found, again, syncs } = settled
  const files = sorted(history.files)
  const here = sorted({ ...history.files, ...history.here })
  const wanted = [
    differing('device a', found.a.tree, files),
    differing('device b', found.b.tree, here),
    differing('the database', found.shared, files),
    differing('the private channel', found.own, sorted(history.own ?? {})),
    differing('conflicts of a', found.a.conflicts, []),
    differing('conflicts of b', found.b.conflicts, history.conflicts ?? []),
    ...(usual === null
      ? []
      : syncs.map((sync, index) => differing('the end of a sync', sync.code, usual.syncs[index]?.code))),
  ].filter(text => text !== null)
  const lost = found.lost.map(text => `lost: ${brief(text)}`)
  const notKept = (history.kept ?? []).filter(text => !found.b.history.includes(text))
  const left = found.temporaries.map(path => `left behind: ${path}`)
  const traces = [again, ...syncs].filter(({ stderr }) => hasStack(stderr))
  return [
    ...lost,
    ...notKept.map(text => `not in the device's own history: ${brief(text)}`),
    ...left,
    ...wanted,
    ...traces.map(({ stderr }) => `a stack trace after it: ${brief(stderr)}`),
  ]
}

const EXIT_CODES = [0, 1, 3]
const EXIT_USAGE = 2

/**
 * Of the command that failed itself.
 *
 * @param {History} history @param {Failed} failed @param {string} site @param {Settled} settled
 * @param {{ code: number, usual: Settled }} prepared where nothing had failed
 * @returns {string[]}
 */
export function violationsOf(history, failed, site, settled, prepared) {
  const { code, signal, stderr, json } = failed
  if (code === null) return [`it ended by ${signal}: ${brief(stderr)}`]
  const violations = []
  const isPromised = EXIT_CODES.includes(code) || (code === EXIT_USAGE && isOfUsage(site))
  if (!isPromised) violations.push(`exit code ${code}: ${brief(stderr)}`)
  if (hasStack(stderr)) violations.push(`a stack trace: ${brief(stderr)}`)
  if (json === undefined) violations.push(`no document: ${brief(stderr)}`)
  if (code === 1 && isMute(json, stderr))
    violations.push(`it does not say what failed: ${brief(stderr)} ${JSON.stringify(json)}`)
  // Who says that all is done has nothing left to do.
  if (code === prepared.code && history.meanwhile === undefined) {
    const [done, nothing] = [settled, prepared.usual].map(({ again }) =>
      JSON.stringify({ code: again.code, json: again.json }),
    )
    if (done !== nothing) violations.push(`exit code ${code}, and the next try: ${done}, not ${nothing}`)
  }
  return violations
}

function hasStack(text) {
  return /^\s+at |\bnode:internal|\.[cm]?[jt]s:\d+/m.test(text)
}

/** What SQLite and the system say of an error, without what it happened to. */
const BARE =
  /^(?:lockstep: )?(?:disk I\/O error|database or disk is full|database is locked|unable to open database file|attempt to write a readonly database|E[A-Z]+: [a-z ,/]+)$/

function isMute(json, stderr) {
  const message = json?.error?.message ?? stderr.trim()
  return message === '' || BARE.test(message)
}

/** Null where the two are equal. */
function differing(what, is, wanted) {
  const [have, want] = [JSON.stringify(sortedIfFiles(is)), JSON.stringify(wanted)]
  return have === want ? null : `${what}: ${differenceOf(is, wanted)}`
}

function sortedIfFiles(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? sorted(value) : value
}

/** By path, without those that are not to be there. */
function sorted(files) {
  return Object.fromEntries(
    Object.entries(files)
      .filter(([, text]) => text !== null)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function differenceOf(is, wanted) {
  if (typeof wanted !== 'object' || Array.isArray(wanted))
    return `${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`
  const paths = [...new Set([...Object.keys(is), ...Object.keys(wanted)])].filter(
    path => is[path] !== wanted[path],
  )
  return paths.map(path => `${path} is ${brief(is[path])}, not ${brief(wanted[path])}`).join('; ')
}

const LONGEST = 400

function brief(text) {
  if (text === undefined) return 'nothing'
  const line = JSON.stringify(text.trim())
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
