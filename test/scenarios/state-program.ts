/**
 * A program of its own process, as agents are: again and again reads one state file, sets its own key to the next
 * number, and writes the whole file back. Arguments: file, key, the first number, how many, seed. Prints how often it
 * read another number than the one it had written last, as `{"reverted":n}`.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRandom } from '../fakes/random.ts'
import { pace } from '../support/until.ts'

const [file = '', key = '', first = '0', times = '0', seed = '0'] = process.argv.slice(2)
const random = createRandom(Number(seed))
let reverted = 0

for (let number = Number(first); number < Number(first) + Number(times); number += 1) {
  const state = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>
  // A write into a file that sync has just replaced is put back within moments; the next one may come before.
  if (state[key] !== number - 1) reverted += 1
  state[key] = number
  const text = `${JSON.stringify(state, null, 2)}\n`
  if (random.chance(0.5)) writeFileSync(file, text)
  else {
    writeFileSync(`${file}~`, text)
    renameSync(`${file}~`, file)
  }
  // Bursts, and pauses in which a file comes to rest.
  await pace(random.chance(0.15) ? 20 + random.below(60) : random.below(4))
}
console.log(JSON.stringify({ reverted }))
