/** LF. */
const LINE_END = 0x0a

/**
 * Whether a content may be what a file of `size` bytes has grown to, in whole lines: the rest is told by a digest. A
 * program that appends to either of them begins a line of its own (R5.5, R9.3).
 */
export function mayContinue(size: number, bytes: Uint8Array): boolean {
  const isAfterLine = size === 0 || bytes[size - 1] === LINE_END
  return bytes.length > size && isAfterLine && bytes.at(-1) === LINE_END
}
