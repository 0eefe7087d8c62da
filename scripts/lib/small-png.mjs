/**
 * Makes a browser's screenshot a third of its size: 256 colours instead of millions. The most frequent ones,
 * which are the areas, stay exactly what they are; what is between them, the edges of letters and the
 * gradients, takes the nearest of the rest.
 */
import { deflateSync, inflateSync } from 'node:zlib'
import { chunk, SIGNATURE } from './image-files.mjs'

const PALETTE = 256
/** So many of the palette are taken as they are. */
const EXACT = 96

/** @param {Buffer} png eight bits a channel, without interlace, as Chromium writes them */
export function smallPng(png) {
  const { width, height, pixels } = decode(png)
  const counts = new Map()
  for (const color of pixels) counts.set(color, (counts.get(color) ?? 0) + 1)
  const palette = paletteOf(counts)
  const indexOf = new Map([...counts.keys()].map(color => [color, nearest(palette, color)]))
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) {
    // Each row's first byte, its filter, stays 0: palette indexes gain nothing by another.
    for (let x = 0; x < width; x++) {
      rows[y * (width + 1) + 1 + x] = indexOf.get(pixels[y * width + x]) ?? 0
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Eight bits an index, of a palette.
  header.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** https://www.w3.org/TR/png-3/ Each pixel as one number, 0xRRGGBB. */
function decode(png) {
  const width = png.readUInt32BE(16)
  const height = png.readUInt32BE(20)
  const channels = { 2: 3, 6: 4 }[png[25] ?? 0]
  if (png[24] !== 8 || channels === undefined || png[28] !== 0) throw new Error('this is no screenshot')
  const bodies = []
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      bodies.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  }
  const bytes = unfilter(inflateSync(Buffer.concat(bodies)), width * channels, height, channels)
  const pixels = new Uint32Array(width * height)
  for (let index = 0; index < pixels.length; index++) {
    const at = index * channels
    pixels[index] = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
  }
  return { width, height, pixels }
}

function unfilter(filtered, stride, height, step) {
  const bytes = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)]
    const from = y * (stride + 1) + 1
    const to = y * stride
    for (let x = 0; x < stride; x++) {
      const left = x < step ? 0 : bytes[to + x - step]
      const up = y === 0 ? 0 : bytes[to + x - stride]
      const corner = x < step || y === 0 ? 0 : bytes[to + x - stride - step]
      bytes[to + x] = filtered[from + x] + predicted(filter, left, up, corner)
    }
  }
  return bytes
}

function predicted(filter, left, up, corner) {
  switch (filter) {
    case 1:
      return left
    case 2:
      return up
    case 3:
      return (left + up) >> 1
    case 4: {
      const byLeft = Math.abs(up - corner)
      const byUp = Math.abs(left - corner)
      const byCorner = Math.abs(left + up - 2 * corner)
      return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner
    }
    default:
      return 0
  }
}

/** @typedef {{ rgb: number[], count: number }} Color */

/** The most frequent colours, and the middles of as many boxes around the others. */
function paletteOf(counts) {
  const all = [...counts].sort((a, b) => b[1] - a[1]).map(([color, count]) => ({ rgb: rgbOf(color), count }))
  if (all.length <= PALETTE) return all.map(({ rgb }) => rgb)
  const boxes = [all.slice(EXACT)]
  while (boxes.length < PALETTE - EXACT) {
    const widest = boxes.reduce((best, box) => (spread(box).width > spread(best).width ? box : best))
    const { channel, width } = spread(widest)
    if (width === 0) break
    widest.sort((a, b) => (a.rgb[channel] ?? 0) - (b.rgb[channel] ?? 0))
    boxes.push(widest.splice(widest.length >> 1))
  }
  return [...all.slice(0, EXACT).map(({ rgb }) => rgb), ...boxes.map(middle)]
}

function rgbOf(color) {
  return [color >> 16, (color >> 8) & 255, color & 255]
}

function spread(/** @type {Color[]} */ box) {
  const widths = [0, 1, 2].map(channel => {
    const values = box.map(({ rgb }) => rgb[channel] ?? 0)
    return Math.max(...values) - Math.min(...values)
  })
  const width = Math.max(...widths)
  return { channel: widths.indexOf(width), width: box.length < 2 ? 0 : width }
}

function middle(box) {
  const total = box.reduce((sum, { count }) => sum + count, 0)
  return [0, 1, 2].map(channel =>
    Math.round(box.reduce((sum, { rgb, count }) => sum + rgb[channel] * count, 0) / total),
  )
}

function nearest(palette, color) {
  const [red = 0, green = 0, blue = 0] = rgbOf(color)
  let best = 0
  let least = Infinity
  for (const [index, [r, g, b]] of palette.entries()) {
    const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2
    if (distance < least) [best, least] = [index, distance]
  }
  return best
}
