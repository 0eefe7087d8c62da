/**
 * Finds a Chromium for the tests and the screenshots, and installs Debian's where that can be done without
 * asking. Nothing is downloaded from anywhere but the system's own package source. Needs no package.
 */
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** By the names under which systems and vendors install it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']

const PLACES = {
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap(variable => {
    const folder = process.env[variable]
    return folder === undefined
      ? []
      : [
          join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
          join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
        ]
  }),
}

/** What a person runs where none was found. */
export const CHROMIUM_HINT =
  'No Chromium was found, which the tests of the interface and the screenshots need.' +
  ' Install one (Debian: apt-get install -y chromium; as root, node scripts/bootstrap.mjs does it),' +
  ' or name its program in LOCKSTEP_CHROMIUM.'

/** Quiet, without the fonts and sounds of a desktop; a source that does not answer is given up after seconds. */
export const APT_OPTIONS = [
  '-qq',
  '--no-install-recommends',
  '-o',
  'Acquire::Retries=1',
  '-o',
  'Acquire::http::Timeout=20',
]

/** The path of its program, or null. LOCKSTEP_CHROMIUM names another one. */
export function findChromium() {
  const named = process.env['LOCKSTEP_CHROMIUM']
  if (named !== undefined && named !== '') return isProgram(named) ? named : null
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  const onPath = folders.flatMap(folder => NAMES.map(name => join(folder, name)))
  return [...onPath, ...(PLACES[process.platform] ?? [])].find(isProgram) ?? null
}

/** Whether apt-get may install it here. Ubuntu's package of that name needs snap, so it does not count. */
export function canInstallChromium() {
  return !process.env['LOCKSTEP_CHROMIUM'] && process.getuid?.() === 0 && isDebian()
}

function isDebian() {
  try {
    return /^ID="?debian"?$/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
