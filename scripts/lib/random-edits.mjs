/** Edits as people and programs make them, at random but repeatable, on the lines of a real text. */

/** A repeatable source of numbers from 0 up to 1 (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Lines an edit adds, removes or moves at most. */
const BLOCK = 6

/**
 * @param {string[]} lines each with its line end
 * @param {number[]} places where to edit, as shares of the text from 0 up to 1
 */
export function edited(lines, places, random, tag) {
  const out = [...lines]
  for (const [n, place] of places.entries()) {
    const at = Math.floor(place * (out.length + 1))
    const edit = EDITS[Math.floor(random() * EDITS.length)] ?? append
    edit(out, at, 1 + Math.floor(random() * BLOCK), random, `${tag}${n}`)
  }
  return out
}

const anyOf = (lines, random) => Math.floor(random() * lines.length)

function append(lines, _at, _size, _random, tag) {
  lines.push(`appended ${tag}\n`)
}

const EDITS = [
  function changeWord(lines, at, _size, _random, tag) {
    const line = lines[at]
    if (line !== undefined) lines[at] = line.replace(/\w+(?=\W*$)|(?=\s*$)/, tag)
  },
  function rewrite(lines, at, size, _random, tag) {
    lines.splice(at, Math.min(size, 3), `rewritten ${tag}\n`)
  },
  function add(lines, at, size, _random, tag) {
    lines.splice(at, 0, ...Array.from({ length: size }, (_, n) => `added ${tag} ${n}\n`))
  },
  function addParagraph(lines, at, _size, _random, tag) {
    lines.splice(at, 0, `paragraph ${tag}\n`, '\n')
  },
  function addBlank(lines, at) {
    lines.splice(at, 0, '\n')
  },
  function remove(lines, at, size) {
    lines.splice(at, size)
  },
  /** Copies and moves are where a difference has several readings. */
  function copy(lines, at, size, random) {
    const from = anyOf(lines, random)
    lines.splice(at, 0, ...lines.slice(from, from + size))
  },
  function duplicate(lines, at, size) {
    lines.splice(at, 0, ...lines.slice(at, at + size))
  },
  function move(lines, at, size, random) {
    const block = lines.splice(at, size)
    lines.splice(anyOf(lines, random), 0, ...block)
  },
  function indent(lines, at, size) {
    for (let n = at; n < Math.min(at + size, lines.length); n++) lines[n] = `  ${lines[n]}`
  },
  append,
  function finalNewline(lines) {
    const last = lines.pop() ?? ''
    lines.push(last.endsWith('\n') ? last.slice(0, -1) : `${last}\n`)
  },
]
