/**
 * A structured clone as text, for values that cross between Node and a page. The function is self-contained,
 * because its source is also run in the page.
 */
export interface Codec {
  /** Throws what Electron throws where a value cannot be cloned. */
  encode(value: unknown): string
  decode(text: string): unknown
}

export function makeCodec(): Codec {
  type Tagged = { readonly $: string; readonly v?: unknown; readonly t?: string }

  const VIEWS: readonly (new (buffer: ArrayBuffer) => object)[] = [
    Uint8Array,
    Uint8ClampedArray,
    Int8Array,
    Uint16Array,
    Int16Array,
    Uint32Array,
    Int32Array,
    Float32Array,
    Float64Array,
    DataView,
  ]

  function toBase64(bytes: Uint8Array): string {
    let text = ''
    for (const byte of bytes) text += String.fromCharCode(byte)
    return btoa(text)
  }

  function fromBase64(text: string): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(atob(text), letter => letter.charCodeAt(0))
  }

  function pack(value: unknown, above: readonly unknown[]): unknown {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (value === undefined) return { $: 'undefined' }
    if (typeof value === 'bigint') return { $: 'bigint', v: String(value) }
    if (typeof value === 'number')
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $: 'number', v: Object.is(value, -0) ? '-0' : String(value) }
    if (above.includes(value)) throw new Error('the stand-in clones nothing that contains itself')
    const inside = [...above, value]
    if (value instanceof Date) return { $: 'date', v: value.getTime() }
    if (value instanceof RegExp) return { $: 'regexp', v: [value.source, value.flags] }
    if (value instanceof Error) return { $: 'error', v: [value.name, value.message] }
    if (value instanceof Map) return { $: 'map', v: [...value].map(pair => pack(pair, inside)) }
    if (value instanceof Set) return { $: 'set', v: [...value].map(each => pack(each, inside)) }
    if (value instanceof ArrayBuffer)
      return { $: 'bytes', t: 'ArrayBuffer', v: toBase64(new Uint8Array(value)) }
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      // A Buffer arrives as what it is underneath.
      const type = value.constructor.name === 'Buffer' ? 'Uint8Array' : value.constructor.name
      return { $: 'bytes', t: type, v: toBase64(bytes) }
    }
    if (Array.isArray(value)) return value.map(each => pack(each, inside))
    const entries = Object.entries(value).map(([key, each]) => [key, pack(each, inside)])
    return { $: 'object', v: Object.fromEntries(entries) }
  }

  function unpack(packed: unknown): unknown {
    if (packed === null || typeof packed !== 'object') return packed
    if (Array.isArray(packed)) return packed.map(unpack)
    const { $: tag, v: value, t: type = '' } = packed as Tagged
    const list = Array.isArray(value) ? (value as unknown[]) : []
    switch (tag) {
      case 'undefined':
        return undefined
      case 'bigint':
        return BigInt(String(value))
      case 'number':
        return Number(value)
      case 'date':
        return new Date(Number(value))
      case 'regexp':
        return new RegExp(String(list[0]), String(list[1]))
      case 'error':
        return Object.assign(new Error(String(list[1])), { name: String(list[0]) })
      case 'map':
        return new Map(list.map(pair => unpack(pair) as [unknown, unknown]))
      case 'set':
        return new Set(list.map(unpack))
      case 'bytes': {
        const { buffer } = fromBase64(String(value))
        if (type === 'ArrayBuffer') return buffer
        const View = VIEWS.find(({ name }) => name === type)
        if (View === undefined) throw new Error(`the stand-in cannot clone ${type}`)
        return new View(buffer)
      }
      default: {
        const entries = Object.entries(value as object).map(([key, each]) => [key, unpack(each)])
        return Object.fromEntries(entries)
      }
    }
  }

  return {
    encode(value) {
      let copy: unknown
      try {
        copy = structuredClone(value)
      } catch {
        throw new Error('An object could not be cloned.')
      }
      return JSON.stringify(pack(copy, []))
    },
    decode: text => unpack(JSON.parse(text)),
  }
}
