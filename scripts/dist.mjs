/**
 * `npm run dist`: packs the desktop app for this system into dist/. Needs Electron's binary and the packers'
 * tools, which electron-builder fetches from its release pages; see docs/packaging.md.
 *
 *   npm run dist                 everything for this system
 *   npm run dist -- --dir        only the unpacked app, to try it out
 *   npm run dist -- --test      the variant that Playwright's `_electron` can drive; never publish it
 */
import { dirname, join } from 'node:path'
import { build } from 'electron-builder'
import { builderConfig } from '../build/electron-builder.mjs'
import { writeSoftwareBill } from './lib/sbom.mjs'
import { writeLicences } from './lib/shipped-packages.mjs'

const root = dirname(import.meta.dirname)
const args = new Set(process.argv.slice(2))
const unknown = [...args].filter(arg => arg !== '--dir' && arg !== '--test')

if (unknown.length > 0) {
  console.error(`dist: unknown ${unknown.join(' ')}; it takes --dir and --test`)
  process.exitCode = 2
} else {
  const licences = join(root, 'out', 'licenses')
  writeLicences(root, licences)
  writeSoftwareBill(root, join(licences, 'sbom.cdx.json'))
  const { platform, env } = process
  const config = builderConfig({ variant: args.has('--test') ? 'test' : 'hardened', platform, env })
  const made = await build({ projectDir: root, config, dir: args.has('--dir'), publish: 'never' })
  for (const file of made) console.log(file)
}
