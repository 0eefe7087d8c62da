/** Images as Electron reads them: real PNG files, with those for denser screens beside them (`name@2x.png`). */
import { existsSync, readFileSync } from 'node:fs'
import { crc32, inflateSync } from 'node:zlib'
import type { Size } from 'electron'
import { guard, GuardedObject, inner } from './guarded.ts'

interface Representation {
  readonly scale: number
  readonly file: string
  readonly size: Size
}

export class NativeImage extends GuardedObject {
  readonly #representations: readonly Representation[]
  #isTemplate = false

  constructor(representations: readonly Representation[]) {
    super('NativeImage')
    this.#representations = representations
  }

  isEmpty(): boolean {
    return this.#representations.length === 0
  }

  getSize(scaleFactor?: number): Size {
    const scale = scaleFactor ?? 1
    const found = this.#representations.find(each => each.scale === scale) ?? this.#representations[0]
    return found?.size ?? { width: 0, height: 0 }
  }

  getScaleFactors(): number[] {
    return this.#representations.map(({ scale }) => scale)
  }

  setTemplateImage(option: boolean): void {
    this.#isTemplate = option
  }

  isTemplateImage(): boolean {
    return this.#isTemplate
  }

  get [inner](): { readonly file: string; readonly isTemplate: boolean } {
    return { file: this.#representations[0]?.file ?? '', isTemplate: this.#isTemplate }
  }
}

const DENSITIES = [
  [1, ''],
  [1.25, '@1.25x'],
  [1.5, '@1.5x'],
  [2, '@2x'],
  [3, '@3x'],
] as const

export const nativeImage = guard('nativeImage', {
  createEmpty: (): NativeImage => new NativeImage([]),

  /** Empty where there is no such file, as Electron does it. */
  createFromPath(path: string): NativeImage {
    const found = DENSITIES.flatMap(([scale, mark]) => {
      const file = path.replace(/(?=\.[^.]+$)/, mark)
      return existsSync(file) ? [{ scale, file, size: sizeOf(file, scale) }] : []
    })
    const image = new NativeImage(found)
    // By its name, which macOS honours.
    if (/Template(?:@[\d.]+x)?\.[^.]+$/.test(path)) image.setTemplateImage(true)
    return image
  },
})

/** In points of the screen. Throws where it is no whole PNG, for a tray would show nothing. */
function sizeOf(file: string, scale: number): Size {
  const { width, height } = readPng(file)
  return { width: width / scale, height: height / scale }
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** Samples of one pixel, by PNG's colour type. https://www.w3.org/TR/png-3/#11IHDR */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** Checks each part's sum and that there are as many pixels as it says. */
function readPng(file: string): Size {
  const bytes = readFileSync(file)
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new Error(`${file} is no PNG`)
  let header: Buffer | null = null
  const data: Buffer[] = []
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    const body = bytes.subarray(at + 8, at + 8 + length)
    const sum = crc32(bytes.subarray(at + 4, at + 8 + length))
    if (bytes.readUInt32BE(at + 8 + length) !== sum) throw new Error(`${file} is damaged in ${type}`)
    if (type === 'IHDR') header = body
    if (type === 'IDAT') data.push(body)
    at += 12 + length
  }
  if (header === null) throw new Error(`${file} has no header`)
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const bits = header.readUInt8(8) * (SAMPLES[header.readUInt8(9)] ?? 0)
  const isInterlaced = header.readUInt8(12) === 1
  const wanted = height * (1 + Math.ceil((width * bits) / 8))
  const { length } = inflateSync(Buffer.concat(data))
  if (!isInterlaced && length !== wanted)
    throw new Error(`${file} has ${length} bytes of pixels, not ${wanted}`)
  return { width, height }
}
