/** Image files from plain pixels, the same bytes for the same pixels on every machine. */
import { crc32, deflateSync } from 'node:zlib'

/**
 * @typedef {object} Pixels
 * @property {number} size width and height
 * @property {Buffer} rgba row by row from the top, not premultiplied
 */

export const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** https://www.w3.org/TR/png-3/ @param {Pixels} pixels */
export function encodePng({ size, rgba }) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  // Eight bits a channel, with alpha.
  header.set([8, 6, 0, 0, 0], 8)
  const stride = size * 4
  const rows = Buffer.alloc((stride + 1) * size)
  for (let y = 0; y < size; y++) {
    // Each row's first byte, its filter, stays 0: none.
    rgba.copy(rows, y * (stride + 1) + 1, y * stride, (y + 1) * stride)
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

export function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(content.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), out.length - 4)
  return out
}

/** From this size on an entry is a PNG, which older readers of small ones do not know. In pixels. */
const PNG_FROM = 256

/** https://learn.microsoft.com/windows/win32/menurc/newheader @param {Pixels[]} images */
export function encodeIco(images) {
  const bodies = images.map(image => (image.size < PNG_FROM ? encodeBitmap(image) : encodePng(image)))
  const head = Buffer.alloc(6 + images.length * 16)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(images.length, 4)
  let offset = head.length
  images.forEach(({ size }, index) => {
    const at = 6 + index * 16
    // 0 stands for 256.
    head.writeUInt8(size % 256, at)
    head.writeUInt8(size % 256, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    const length = bodies[index]?.length ?? 0
    head.writeUInt32LE(length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += length
  })
  return Buffer.concat([head, ...bodies])
}

/** BITMAPINFOHEADER, the colours from the bottom up, then a mask that says nothing: alpha says it. */
function encodeBitmap({ size, rgba }) {
  const header = Buffer.alloc(40)
  header.writeUInt32LE(40, 0)
  header.writeInt32LE(size, 4)
  // Colours and mask, one over the other.
  header.writeInt32LE(size * 2, 8)
  header.writeUInt16LE(1, 12)
  header.writeUInt16LE(32, 14)
  const colours = Buffer.alloc(size * size * 4)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = (y * size + x) * 4
      const to = ((size - 1 - y) * size + x) * 4
      const [r = 0, g = 0, b = 0, a = 0] = rgba.subarray(from, from + 4)
      colours.set([b, g, r, a], to)
    }
  }
  const mask = Buffer.alloc(Math.ceil(size / 32) * 4 * size)
  return Buffer.concat([header, colours, mask])
}
