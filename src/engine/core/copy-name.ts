/** The name of the second file where both versions of a conflict are kept: `NAME (device, date).ext` (R6). */
import { join, nameOf, parentOf } from './tree.ts'

/** What ext4, APFS and NTFS hold in one name, in UTF-8 bytes. */
const MAX_NAME_BYTES = 255
/** What no file name may hold on some system, and what would look like another part of the path. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNFIT = /[\u0000-\u001f\u007f\s<>:"/\\|?*(),]+/g

/** The `number`th such name, from 1: a further one where the first is taken. `date` is `2026-01-31`. */
export function copyPath(path: string, device: string, date: string, number = 1): string {
  const name = nameOf(path)
  const dot = name.lastIndexOf('.')
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  const from = device.replace(UNFIT, ' ').trim().slice(0, 40) || 'this device'
  const suffix = ` (${from}, ${date}${number === 1 ? '' : ` ${number}`})${ending}`
  return join(parentOf(path), cut(stem, MAX_NAME_BYTES - utf8Bytes(suffix)) + suffix)
}

function cut(text: string, bytes: number): string {
  const characters = Array.from(text)
  while (utf8Bytes(characters.join('')) > bytes) characters.pop()
  return characters.join('')
}

function utf8Bytes(text: string): number {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
