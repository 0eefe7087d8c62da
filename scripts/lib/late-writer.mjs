/**
 * The writing program of `late-writes.mjs`, a process of its own: follows sync from file to file and writes
 * into each one about when its turn comes.
 *
 * It sees only what any program sees: a file's inode, whether the file is there, how many names it has.
 */
import { closeSync, ftruncateSync, lstatSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { randomFrom } from './random-edits.mjs'

/**
 * @typedef {object} Order
 * @property {'in place' | 'by rename'} how
 * @property {'around' | 'gap'} aim 'gap': the moment at which the old file has its second name already
 * @property {number} seed
 * @property {{ path: string, content: string }[]} files in the order in which sync takes them
 */

/** How long the first file may take to change, and each next one after it, in ms. */
const FIRST = 60_000
const NEXT = 3_000
/** Between two looks at the first file, in ms. */
const LOOK = 1
const NOTHING = new Int32Array(new SharedArrayBuffer(4))
/** How long sync takes from one file to the next, in ms, until that has been measured; and at most. */
const USUAL_STRIDE = 0.3
const LONGEST_STRIDE = 1
/** Between opening a file and writing into it programs do other things for up to this time, in ms. */
const LONGEST_OPEN = 0.3
/** Sync finds what is written into an old file within 250 ms. A writer that was kept waiting for longer proves nothing. */
const LATEST_WRITE = 200

process.on('message', order => process.send?.(carryOut(/** @type {Order} */ (order))))

/** @returns {number[]} the files that were written, by index, without those for which this process took too long */
function carryOut({ how, aim, seed, files }) {
  const random = randomFrom(seed)
  const inodes = files.map(({ path }) => lstatSync(path).ino)
  if (how === 'by rename') for (const { path, content } of files) writeFileSync(`${path}~`, content)
  process.send?.('ready')
  const isTaken = index => lstatSync(files[index].path, { throwIfNoEntry: false })?.ino !== inodes[index]
  const written = []
  let stride = USUAL_STRIDE
  let last = performance.now()
  let deadline = last + FIRST
  for (let index = 0; index < files.length;) {
    if (performance.now() > deadline) break
    if (!isTaken(index)) {
      if (aim === 'around' || !hasSecondName(files[index].path)) {
        // Until sync begins, it needs the processor more than the looking does.
        if (index === 0) Atomics.wait(NOTHING, 0, 0, LOOK)
        continue
      }
      if (write(how, files[index], random)) written.push(index)
      index += 1
      deadline = performance.now() + NEXT
      continue
    }
    const now = performance.now()
    stride = 0.9 * stride + 0.1 * Math.min(now - last, LONGEST_STRIDE)
    last = now
    deadline = now + NEXT
    index += 1
    // Sync may be further by now; what it has done already is no moment to meet.
    while (index < files.length && isTaken(index)) index += 1
    if (aim === 'gap' || index === files.length) continue
    rest(random() * 1.5 * stride)
    if (write(how, files[index], random)) written.push(index)
    index += 1
  }
  return written
}

function hasSecondName(path) {
  return (lstatSync(path, { throwIfNoEntry: false })?.nlink ?? 0) > 1
}

/** Whether it was done soon after the file was opened, whatever else this machine had to do. */
function write(how, { path, content }, random) {
  if (how === 'by rename') {
    renameSync(`${path}~`, path)
    return true
  }
  const start = performance.now()
  const { file, isNew } = open(path, random() < 0.5)
  if (random() < 0.5) rest(random() * LONGEST_OPEN)
  writeSync(file, content, 0)
  if (!isNew) ftruncateSync(file, Buffer.byteLength(content))
  closeSync(file)
  return performance.now() - start < LATEST_WRITE
}

/** Some programs empty the file as they open it, others write over what is there. */
function open(path, empties) {
  if (!empties) {
    try {
      return { file: openSync(path, 'r+'), isNew: false }
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
    }
  }
  return { file: openSync(path, 'w'), isNew: true }
}

/** Timers are far too coarse. */
function rest(ms) {
  const until = performance.now() + ms
  while (performance.now() < until);
}
