/**
 * `npm run icons`: every icon of the desktop app, from the drawings in resources/icons/source. Rendered by
 * Chromium, written by lib/image-files.mjs, noted in resources/icons/manifest.json with the drawings' hashes, so
 * that a test sees when one was changed and its pictures were not (src/main/tray-icon.test.ts).
 *
 * Also draws docs/screenshots/tray-icons.png, which shows them all as they look in light and dark panels.
 */
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { chromium } from 'playwright-core'
import { CHROMIUM_HINT, findChromium } from './lib/chromium.mjs'
import { encodeIco, encodePng } from './lib/image-files.mjs'

/** @typedef {import('./lib/image-files.mjs').Pixels} Pixels */

const root = dirname(import.meta.dirname)
const icons = join(root, 'resources', 'icons')
const sources = join(icons, 'source')

/** The tray's drawings use this square of their 16 units; what is around it is the margin. */
const DRAWN = { from: 1, size: 14 }
/** Panels of Linux' desktops, at normal density and at twice that. In pixels. */
const LINUX = [16, 22, 24]
const MAC = 16
const WINDOWS = [16, 20, 24, 32, 40, 48]
const WINDOWS_APP = [16, 24, 32, 48, 64, 128, 256]
const LINUX_APP = [16, 32, 48, 64, 128, 256, 512]
const BADGE = 16
const BADGES = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'more']

/** For the page, which has what Node has not. */
const RENDER = `async ({ url, size, margin, inner }) => {
  const image = new Image()
  image.src = url
  await image.decode()
  const context = new OffscreenCanvas(size, size).getContext('2d')
  context.drawImage(image, margin, margin, inner, inner)
  const { data } = context.getImageData(0, 0, size, size)
  let bytes = ''
  for (const byte of data) bytes += String.fromCharCode(byte)
  return btoa(bytes)
}`

const states = globSync('*.svg', { cwd: sources })
  .map(name => name.replace('.svg', ''))
  .filter(name => name !== 'app' && name !== 'badge')
  .sort()
/** @type {Map<string, Buffer>} path in resources/icons → content */
const made = new Map()

const executablePath = findChromium()
if (executablePath === null) throw new Error(CHROMIUM_HINT)
// As root, which tests often are in a container, Chromium runs only without its sandbox.
const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const browser = await chromium.launch({ executablePath, args })
try {
  const page = await browser.newPage()
  for (const name of states) await drawState(page, name)
  await drawBadges(page)
  await drawApp(page)
  writeAll()
  await drawSheet(page)
} finally {
  await browser.close()
}

async function drawState(page, name) {
  const svg = read(name)
  const tray = size => drawInPanel(page, svg, size)
  for (const size of LINUX) {
    made.set(`linux/${size}/${name}.png`, encodePng(await tray(size)))
    made.set(`linux/${size}/${name}@2x.png`, encodePng(await tray(size * 2)))
  }
  const template = async size => encodePng(asTemplate(await drawInPanel(page, inBlack(svg), size)))
  made.set(`mac/${name}Template.png`, await template(MAC))
  made.set(`mac/${name}Template@2x.png`, await template(MAC * 2))
  made.set(`windows/${name}.ico`, encodeIco(await each(WINDOWS, tray)))
}

async function drawBadges(page) {
  for (const name of BADGES) {
    const svg = read('badge').replace('{count}', name === 'more' ? '9+' : name)
    const text = name === 'more' ? svg.replace('font-size="11.5"', 'font-size="9"') : svg
    made.set(`badge/${name}.png`, encodePng(await draw(page, text, BADGE)))
    made.set(`badge/${name}@2x.png`, encodePng(await draw(page, text, BADGE * 2)))
  }
}

async function drawApp(page) {
  const svg = read('app')
  const app = size => draw(page, svg, size)
  for (const size of [512, 1024]) made.set(`app/${size}.png`, encodePng(await app(size)))
  for (const size of LINUX_APP) made.set(`app/linux/${size}x${size}.png`, encodePng(await app(size)))
  made.set('app/icon.ico', encodeIco(await each(WINDOWS_APP, app)))
}

/** With a margin of whole pixels, so that straight edges are sharp at every size. */
function drawInPanel(page, svg, size) {
  const margin = Math.max(1, Math.floor(size / 16))
  const cropped = svg.replace(
    'viewBox="0 0 16 16"',
    `viewBox="${DRAWN.from} ${DRAWN.from} ${DRAWN.size} ${DRAWN.size}"`,
  )
  return draw(page, cropped, size, margin)
}

/** @returns {Promise<Pixels>} */
async function draw(page, svg, size, margin = 0) {
  const inner = size - margin * 2
  const sized = svg.replace('<svg ', `<svg width="${inner}" height="${inner}" `)
  const url = `data:image/svg+xml;base64,${Buffer.from(sized).toString('base64')}`
  const base64 = await page.evaluate(`(${RENDER})(${JSON.stringify({ url, size, margin, inner })})`)
  return { size, rgba: Buffer.from(base64, 'base64') }
}

function inBlack(svg) {
  return svg.replace(/color="#[\da-f]{6}"/, 'color="#000000"')
}

/** macOS colours a template itself: what is black stays, what is white is cut out. */
function asTemplate({ size, rgba }) {
  const out = Buffer.alloc(rgba.length)
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3] ?? 0
    out[at + 3] = Math.round(alpha * (1 - (rgba[at] ?? 0) / 255))
  }
  return { size, rgba: out }
}

function writeAll() {
  for (const kind of ['linux', 'mac', 'windows', 'badge', 'app']) {
    rmSync(join(icons, kind), { recursive: true, force: true })
  }
  for (const [path, content] of made) {
    mkdirSync(dirname(join(icons, path)), { recursive: true })
    writeFileSync(join(icons, path), content)
  }
  const drawings = globSync('*.svg', { cwd: sources }).sort()
  const manifest = {
    sources: Object.fromEntries(drawings.map(name => [name, sha256(readFileSync(join(sources, name)))])),
    files: Object.fromEntries(
      [...made].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, content]) => [path, sha256(content)]),
    ),
  }
  writeFileSync(join(icons, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  console.log(`${made.size} files from ${drawings.length} drawings`)
}

/** Each state on light and dark panels, as a person sees it and enlarged without smoothing. */
async function drawSheet(page) {
  const picture = (path, size, scale = 1) =>
    `<img src="data:image/png;base64,${made.get(path)?.toString('base64')}" style="width:${size * scale}px;height:${size * scale}px">`
  const sizes = [
    { size: 16, path: name => `linux/16/${name}.png` },
    { size: 22, path: name => `linux/22/${name}.png` },
    { size: 32, path: name => `linux/16/${name}@2x.png` },
  ]
  const panel = (background, ink, cells, isMac = false) =>
    `<tr style="background:${background};color:${ink}"${isMac ? ' class="mac"' : ''}>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`
  const row = (background, ink, { size, path }) =>
    panel(background, ink, [`${size} px`, ...states.map(name => picture(path(name), size))])
  const large = (background, ink) =>
    panel(background, ink, ['16 px × 5', ...states.map(name => picture(`linux/16/${name}.png`, 16, 5))])
  const mac = (background, ink) =>
    panel(
      background,
      ink,
      ['macOS', ...states.map(name => picture(`mac/${name}Template@2x.png`, 16))],
      ink === '#ffffff',
    )
  const grounds = [
    ['#ffffff', '#1b1d20'],
    ['#e4e6e9', '#1b1d20'],
    ['#2b2d31', '#ffffff'],
    ['#000000', '#ffffff'],
  ]
  await page.setViewportSize({ width: 1_120, height: 400 })
  await page.setContent(`<style>
    body { margin: 0; font: 12px system-ui, sans-serif; background: #fff }
    table { border-collapse: collapse; width: 100% }
    td { padding: 8px 4px; text-align: center; height: 24px } td:first-child { width: 80px }
    img { image-rendering: pixelated; vertical-align: middle }
    .mac img { filter: invert(1) }
    th { font-weight: 500; padding: 8px 4px; color: #1b1d20 }
  </style><table><tr><th></th>${states.map(name => `<th>${name}</th>`).join('')}</tr>${grounds
    .map(([background = '', ink = '']) =>
      [...sizes.map(size => row(background, ink, size)), mac(background, ink), large(background, ink)].join(
        '',
      ),
    )
    .join('')}</table>`)
  const folder = join(root, 'docs', 'screenshots')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, 'tray-icons.png'), fullPage: true })
}

/** One after the other: there is one page. */
async function each(sizes, render) {
  const images = []
  for (const size of sizes) images.push(await render(size))
  return images
}

function read(name) {
  return readFileSync(join(sources, `${name}.svg`), 'utf8')
}

function sha256(content) {
  return createHash('sha256').update(content).digest('hex')
}
