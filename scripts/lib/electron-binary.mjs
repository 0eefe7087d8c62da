/** Whether the desktop app can run here, and Electron's binary for it. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './run-in-place.mjs'

const folder = join(root, 'node_modules', 'electron')

/** About 120 MB on a slow line; after that a browser is the better answer. In milliseconds. */
const PATIENCE_MS = 5 * 60_000

/** Where Electron's package has put its binary, or was told that one is; null where there is none. */
export function electronBinary(env = process.env) {
  const place = join(folder, 'path.txt')
  const name = existsSync(place) ? readFileSync(place, 'utf8').trim() : 'electron'
  const path = join(env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist'), name)
  return existsSync(path) ? path : null
}

/**
 * What is in the way, whether or not the binary is there, as a sentence that goes on from "because"; null where
 * nothing is, and the binary may be fetched.
 * @param {{ env: Readonly<Record<string, string | undefined>>, platform: string, uid: number | undefined, hasBinary: boolean }} machine
 */
export function whyNoDesktop({ env, platform, uid, hasBinary }) {
  const isLinux = platform === 'linux'
  if (isLinux && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'there is no display'
  if (isLinux && uid === 0) return "Electron's sandbox does not run as root"
  if (hasBinary) return null
  if (env['ELECTRON_OVERRIDE_DIST_PATH']) return 'ELECTRON_OVERRIDE_DIST_PATH leads to no Electron'
  return env['CI'] ? "Electron's binary is not here, and nothing is fetched in CI" : null
}

/** Why the desktop app cannot run here, after the binary was fetched where that was all that was missing. */
export async function whyNotElectron() {
  const hasBinary = electronBinary() !== null
  const { env, platform } = process
  const reason = whyNoDesktop({ env, platform, uid: process.getuid?.(), hasBinary })
  if (reason !== null) return reason
  if (!hasBinary) process.stderr.write('lockstep: fetching Electron, once\n')
  return (hasBinary ? null : await fetchElectron()) ?? whyNoSandbox()
}

/**
 * Linux lets Chromium's sandbox work in one of two ways: every user may make namespaces, or a helper of root's
 * does. Where neither holds, Electron ends at once. https://www.kernel.org/doc/html/latest/admin-guide/sysctl/
 */
function whyNoSandbox() {
  if (process.platform !== 'linux') return null
  const switches = '/proc/sys/kernel'
  const helper = join(dirname(electronBinary() ?? ''), 'chrome-sandbox')
  const stat = statSync(helper, { throwIfNoEntry: false })
  const mayMakeNamespaces =
    readSwitch(join(switches, 'unprivileged_userns_clone')) !== '0' &&
    readSwitch(join(switches, 'apparmor_restrict_unprivileged_userns')) !== '1'
  const isRoots = stat?.uid === 0 && (stat.mode & SET_USER_ID) !== 0
  if (mayMakeNamespaces || isRoots) return null
  return `this system keeps Electron's sandbox from working (sudo chown root '${helper}' && sudo chmod 4755 '${helper}' lets it)`
}

const SET_USER_ID = 0o4000

/** Null where this kernel has no such switch. */
function readSwitch(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null
}

/**
 * Has Electron's package fetch its binary from its release page. Gives back why that failed, or null.
 * @returns {Promise<string | null>}
 */
function fetchElectron() {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [join(folder, 'install.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: PATIENCE_MS,
    })
    let said = ''
    child.stderr.on('data', chunk => (said = `${said}${chunk}`.slice(-4_096)))
    child.once('error', error => resolve(failure(error.message)))
    child.once('close', code => {
      resolve(code === 0 && electronBinary() !== null ? null : failure(lastError(said)))
    })
  })
}

function failure(detail) {
  return `Electron's binary could not be fetched (${detail}; npx install-electron tries again)`
}

/** The line that says what went wrong, out of a stack trace. */
function lastError(text) {
  const line = text.split('\n').find(each => /error|ENOTFOUND|ECONN|ETIMEDOUT/i.test(each))
  return line?.trim() ?? 'its release page does not answer'
}
