/**
 * What single decisions of the engine cost, beside what the language itself takes for something as large: a merge of
 * a megabyte of JSON, line diffs of 100,000 lines, the denylist, and the globs that are hardest to match.
 */
import { deniedBy } from '../../src/engine/core/denylist.ts'
import { compileGlob } from '../../src/engine/core/glob.ts'
import { diffLines } from '../../src/engine/core/line-diff.ts'
import { mergeJson } from '../../src/engine/core/merge-json.ts'
import { below, milliseconds } from './bench-lines.mjs'

const ELEMENTS = 10_000
const LINES = 100_000
const PATHS = 10_000
/** Of each work; the quickest counts, as others take the processor now and then. */
const ROUNDS = 5

/** One line for each work, as `npm run bench` prints them. */
export async function measureCore() {
  return [...merging(), ...diffing(), denying(), matching()]
}

function merging() {
  const document = (field, value) =>
    range(ELEMENTS).map(id => ({ id, name: `element ${id}`, a: 0, b: 0, tags: ['x', 'y'], [field]: value }))
  return [
    { layout: 'on one line', space: undefined },
    { layout: 'on many lines', space: 2 },
  ].map(({ layout, space }) => {
    const texts = [document('a', 0), document('a', 1), document('b', 2)].map(value =>
      JSON.stringify(value, null, space),
    )
    const [base = '', local = '', remote = ''] = texts
    const ours = quickest(() => {
      if (mergeJson({ base, local, remote }).kind !== 'merged') throw new Error('not merged')
    })
    const reference = quickest(() => {
      for (const text of texts) JSON.stringify(JSON.parse(text), null, space)
    })
    return line(
      `a megabyte of JSON merged, ${layout}`,
      ours,
      1_000,
      'JSON.parse and stringify of the texts',
      reference,
    )
  })
}

function diffing() {
  const base = range(LINES).map(n => `line ${n}`)
  const scattered = base
    .map((text, n) => ({ text, at: (n * 7_919) % LINES }))
    .sort((a, b) => a.at - b.at)
    .map(({ text }) => text)
  const few = by => range(LINES).map(n => String((n * n * by) % 7))
  const edited = base.flatMap((text, n) => (n % 50 === 0 ? ['new', text] : n % 31 === 0 ? [] : [text]))
  return [
    { name: 'edits in many places', from: base, to: edited },
    { name: 'another order', from: base, to: scattered },
    { name: 'back to front', from: base, to: base.toReversed() },
    { name: 'few different lines', from: few(3), to: few(5) },
    { name: 'nothing in common', from: base, to: base.map(text => `${text}!`) },
  ].map(({ name, from, to }) => {
    const texts = [from.join('\n'), to.join('\n')]
    const ours = quickest(() => diffLines(from, to))
    const reference = quickest(() => texts.map(text => text.split('\n')))
    return line(`diff of 100,000 lines, ${name}`, ours, 1_000, 'splitting both into lines', reference)
  })
}

function denying() {
  const paths = range(PATHS).map(n => `data/agents/agent-${n % 100}/state/note-${n}.json`)
  const ours = quickest(() => {
    if (paths.some(path => deniedBy(path) !== null)) throw new Error('denied')
  })
  const reference = quickest(() => paths.map(path => path.split('/')))
  return line('denylist, 10,000 paths', ours, 20, 'splitting them into names', reference)
}

const HARD_GLOBS = [
  `${'*a'.repeat(10)}b`,
  `${'+('.repeat(10)}a${')'.repeat(10)}c`,
  `+(${'a|ab|b|'.repeat(27)}a)c`,
  `*!(${'*aa'.repeat(8)}b)c`,
  `!(${'*(a|b)'.repeat(7)}c)!(a*)b`,
  `${'!(a)'.repeat(10)}b`,
  `${'**/*/'.repeat(39)}b`,
  `${'{a,?}'.repeat(8)}${'*?'.repeat(10)}b`,
]

/** The slowest single match. */
function matching() {
  const names = ['a'.repeat(255), `${'a'.repeat(254)}b`, 'ab'.repeat(127), 'aab'.repeat(85)]
  const times = HARD_GLOBS.map(glob => compileGlob(glob)).flatMap(glob =>
    names.flatMap(name => [
      quickest(() => glob.matches([name])),
      quickest(() => glob.matches(Array.from(name.slice(0, 150)))),
    ]),
  )
  const plain = compileGlob('data/**/*.md')
  const reference = quickest(() => names.map(name => plain.matches(['data', name])))
  return line('the hardest glob, one match', Math.max(...times), 50, 'data/**/*.md', reference)
}

function range(length) {
  return Array.from({ length }, (_, n) => n)
}

/** In milliseconds. */
function quickest(work) {
  const times = range(ROUNDS).map(() => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...times)
}

function line(name, ours, aim, what, reference) {
  return below(name, ours, aim, milliseconds, `${what}: ${milliseconds(reference)}`)
}
