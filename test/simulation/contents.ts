/** What the simulated programs write, and where: few paths and few contents, so that devices meet often. */
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { encodeContent } from '../../src/engine/core/content.ts'

export const PATHS = [
  'data/a.json',
  'data/b.md',
  'data/notes/c.md',
  'data/notes/d.json',
  'data/notes/deep/e.txt',
  'data/mine/f.md',
  'data/mine/g.json',
] as const

export const FOLDERS = ['data/notes', 'data/notes/deep', 'data/mine', 'data/other'] as const

/** Enough for a mass (R8). */
export const MANY_PATHS = Array.from(
  { length: 24 },
  (_, index) => `data/many/${String(index).padStart(2, '0')}.txt`,
)

/** Of one size each, so that only times can tell an edit. */
const POOL = ['{"v":"A"}', '{"v":"B"}', '{"v":"C"}'] as const

export function poolContent(index: number): string {
  return POOL[index % POOL.length]!
}

/** The first half of it is unique too. */
export function uniqueContent(serial: number): string {
  return `{"${String(serial).padStart(6, '0')}":"serial"}`
}

/** Not UTF-8, so the text column holds a data URL. */
export function binaryContent(serial: number): Uint8Array {
  return Uint8Array.from([0xff, 0xfe, 0x00, serial & 0xff, (serial >> 8) & 0xff])
}

/** Keys of a document, or lines of a text, as a program makes it anew. */
const FRESH_KEYS = 4
const FRESH_LINES = 9

/**
 * What a program makes of the file that it has read: one key or one line set, added or removed, and nothing
 * else touched. `serial` is in what it writes; `where` says at which of the places.
 */
export function edited(
  path: string,
  former: string | null,
  kind: 'set' | 'add' | 'remove',
  where: number,
  serial: number,
): string {
  return path.endsWith('.json')
    ? editedObject(former, kind, where, serial)
    : editedLines(former, kind, where, serial)
}

function editedObject(
  former: string | null,
  kind: 'set' | 'add' | 'remove',
  where: number,
  serial: number,
): string {
  const object = former === null ? null : flatObject(former)
  if (object === null) {
    const keys = Array.from({ length: FRESH_KEYS }, (_, key) => [`k${key}`, `${serial}`] as const)
    return `${JSON.stringify(Object.fromEntries(keys), null, 2)}\n`
  }
  const key = kind === 'add' ? `n${serial}` : `k${where % FRESH_KEYS}`
  const { [key]: _, ...rest } = object
  const next = kind === 'remove' ? rest : { ...object, [key]: `s${serial}` }
  return `${JSON.stringify(next, null, 2)}\n`
}

function editedLines(
  former: string | null,
  kind: 'set' | 'add' | 'remove',
  where: number,
  serial: number,
): string {
  const lines = former?.split('\n').slice(0, -1) ?? []
  if (lines.length < FRESH_LINES / 2) {
    return Array.from({ length: FRESH_LINES }, (_, line) => `line ${serial}.${line}\n`).join('')
  }
  const at = where % lines.length
  const next = lines.toSpliced(at, kind === 'add' ? 0 : 1, ...(kind === 'remove' ? [] : [`line ${serial}`]))
  return `${next.join('\n')}\n`
}

/** The object, if the text is one whose values are no objects themselves. */
export function flatObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return Object.values(value).some(member => typeof member === 'object')
      ? null
      : (value as Record<string, unknown>)
  } catch {
    return null
  }
}

const digests = new WeakMap<Uint8Array, string>()

/** Bytes on a fake disk are never changed in place. */
export function digestOf(content: string | Uint8Array): string {
  if (typeof content === 'string') return nodeCodec.digest(Buffer.from(content))
  let digest = digests.get(content)
  if (digest === undefined) {
    digest = nodeCodec.digest(content)
    digests.set(content, digest)
  }
  return digest
}

export function columnOf(content: string | Uint8Array): string {
  return encodeContent(typeof content === 'string' ? Buffer.from(content) : content, nodeCodec)
}
