/**
 * `npm start`: the desktop app where it can run, else the same app in a browser, with a line that says why.
 *
 *   npm start                       opens the app
 *   npm start -- --browser          in the browser in any case
 *   npm start -- --no-open --port 0 as `lockstep serve` takes them
 *
 * Electron's package downloads its binary when it is first imported, so only the file it leaves is looked for;
 * where nothing else is in the way, it is fetched once, by the package's own program.
 */
import { join } from 'node:path'
import { electronBinary, whyNotElectron } from './lib/electron-binary.mjs'
import { root, runInPlace } from './lib/run-in-place.mjs'

const args = process.argv.slice(2)
const reason = args.includes('--browser') ? 'you asked for it' : await whyNotElectron()
if (reason === null) {
  runInPlace(electronBinary() ?? '', [root, ...args])
} else {
  process.stderr.write(`lockstep: opening in the browser, because ${reason}\n`)
  const own = args.filter(arg => arg !== '--browser')
  runInPlace(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'serve', ...own])
}
