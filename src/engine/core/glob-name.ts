/**
 * One name of a glob (what stands between two `/`), as a test for one name of a path.
 *
 * Most are a literal or literals with stars, and are compared directly. The rest becomes an automaton that
 * is followed in all its states at once, so the time is bounded by states times characters: no pattern and
 * no file name can make it run away, as backtracking regular expressions can.
 *
 * `*` any run, `?` one character, `[a-z]` `[!a-z]` `[^a-z]` one of a set, and the groups of ksh:
 * `@(a|b)` one of them, `?(…)` at most one, `+(…)` one or more, `*(…)` any number, `!(…)` anything else.
 * Expects a name that `glob.ts` has found to be well formed. Characters are code points.
 */

export interface NameTest {
  /** The name, where only one can match. */
  readonly literal: string | null
  matches(name: string): boolean
}

/** What `*` alone means. */
export const ANY_NAME: NameTest = { literal: null, matches: () => true }

export function compileName(source: string): NameTest {
  if (!/[*?[]|[@+!]\(/.test(source)) return { literal: source, matches: name => name === source }
  if (/^\*+$/.test(source)) return ANY_NAME
  if (!/[?[]|[*@+!]\(/.test(source)) return { literal: null, matches: literalsWithStars(source) }
  const automaton = compileAlternatives([parseSequence(Array.from(source), 0, false).nodes])
  // A file whose name is `[id].json` is meant by the pattern `[id].json` too.
  return {
    literal: null,
    matches: name => name === source || endsOf(automaton, Array.from(name), 0).at(-1) === 1,
  }
}

function literalsWithStars(source: string): (name: string) => boolean {
  const parts = source.split(/\*+/)
  const first = parts[0]!
  const last = parts.at(-1)!
  const between = parts.slice(1, -1)
  return name => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
      return false
    let at = first.length
    for (const part of between) {
      const found = name.indexOf(part, at)
      if (found === -1) return false
      at = found + part.length
    }
    return at <= name.length - last.length
  }
}

type GroupOperator = '@' | '?' | '*' | '+' | '!'

type Node =
  | { readonly kind: 'run' }
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean }
  | { readonly kind: 'group'; readonly operator: GroupOperator; readonly alternatives: readonly Node[][] }

function parseSequence(
  source: readonly string[],
  from: number,
  inGroup: boolean,
): { nodes: Node[]; end: number } {
  const nodes: Node[] = []
  let at = from
  while (at < source.length) {
    const character = source[at]!
    if (inGroup && (character === '|' || character === ')')) break
    const step = parseNode(source, at, character)
    nodes.push(step.node)
    at = step.end
  }
  return { nodes, end: at }
}

function parseNode(source: readonly string[], at: number, character: string): { node: Node; end: number } {
  if (source[at + 1] === '(' && isGroupOperator(character)) return parseGroup(source, at, character)
  if (character === '*') return { node: { kind: 'run' }, end: at + 1 }
  if (character === '?') return { node: { kind: 'one', accepts: () => true }, end: at + 1 }
  if (character === '[') return parseSet(source, at)
  return { node: { kind: 'one', accepts: other => other === character }, end: at + 1 }
}

function isGroupOperator(character: string): character is GroupOperator {
  return '@?*+!'.includes(character)
}

function parseGroup(
  source: readonly string[],
  at: number,
  operator: GroupOperator,
): { node: Node; end: number } {
  const alternatives: Node[][] = []
  let end = at + 1
  do {
    const sequence = parseSequence(source, end + 1, true)
    alternatives.push(sequence.nodes)
    end = sequence.end
  } while (source[end] === '|')
  return { node: { kind: 'group', operator, alternatives }, end: end + 1 }
}

function parseSet(source: readonly string[], at: number): { node: Node; end: number } {
  const negated = source[at + 1] === '!' || source[at + 1] === '^'
  const first = negated ? at + 2 : at + 1
  const close = source.indexOf(']', first + 1)
  const ranges: [number, number][] = []
  for (let i = first; i < close; i++) {
    const isRange = source[i + 1] === '-' && i + 2 < close
    const high = isRange ? i + 2 : i
    ranges.push([source[i]!.codePointAt(0)!, source[high]!.codePointAt(0)!])
    i = high
  }
  const accepts = (character: string): boolean => {
    const code = character.codePointAt(0)!
    return ranges.some(([low, high]) => low <= code && code <= high) !== negated
  }
  return { node: { kind: 'one', accepts }, end: close + 1 }
}

type State =
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean; readonly next: number }
  | { readonly kind: 'run'; readonly next: number }
  | { readonly kind: 'fork'; next: readonly number[] }
  | { readonly kind: 'not'; readonly inner: Automaton; readonly next: number }
  | { readonly kind: 'end' }

interface Automaton {
  readonly states: readonly State[]
  readonly start: number
}

const END = 0

function compileAlternatives(alternatives: readonly (readonly Node[])[]): Automaton {
  const states: State[] = [{ kind: 'end' }]
  const next = alternatives.map(nodes => addSequence(states, nodes, END))
  return { states, start: states.push({ kind: 'fork', next }) - 1 }
}

/** From the last node to the first, as each state names the next. Returns the first state. */
function addSequence(states: State[], nodes: readonly Node[], next: number): number {
  return nodes.reduceRight((after, node) => addNode(states, node, after), next)
}

function addNode(states: State[], node: Node, next: number): number {
  if (node.kind === 'run') return states.push({ kind: 'run', next }) - 1
  if (node.kind === 'one') return states.push({ kind: 'one', accepts: node.accepts, next }) - 1
  if (node.operator === '!') {
    return states.push({ kind: 'not', inner: compileAlternatives(node.alternatives), next }) - 1
  }
  const fork: State = { kind: 'fork', next: [] }
  const loop = states.push(fork) - 1
  const repeats = node.operator === '*' || node.operator === '+'
  const starts = node.alternatives.map(nodes => addSequence(states, nodes, repeats ? loop : next))
  fork.next = node.operator === '@' ? starts : [...starts, next]
  if (node.operator !== '+') return loop
  return states.push({ kind: 'fork', next: starts }) - 1
}

/**
 * Marks with 1 every position at which a match that begins at `from` can end. Goes through the characters
 * once, with all states that are reached at one position; only what follows a `!(…)` is reached further ahead.
 */
function endsOf(automaton: Automaton, characters: readonly string[], from: number): Uint8Array {
  const { states, start } = automaton
  const ends = new Uint8Array(characters.length + 1)
  const ahead = new Map<number, Reached>()
  let here = new Reached(states.length)
  let next = new Reached(states.length)
  here.add(start)
  for (let position = from; position <= characters.length; position++) {
    const character = characters[position]
    for (const state of ahead.get(position)?.list ?? []) here.add(state)
    if (here.list.length === 0 && ahead.size === 0) break
    // The list grows while it is walked: some states lead to others at this very position.
    for (const index of here.list) {
      const state = states[index]!
      if (state.kind === 'end') ends[position] = 1
      else if (state.kind === 'fork') for (const branch of state.next) here.add(branch)
      else if (state.kind === 'run') {
        here.add(state.next)
        next.add(index)
      } else if (state.kind === 'one') {
        if (character !== undefined && state.accepts(character)) next.add(state.next)
      } else {
        const inner = endsOf(state.inner, characters, position)
        if (inner[position] === 0) here.add(state.next)
        for (let end = position + 1; end <= characters.length; end++) {
          if (inner[end] === 1) continue
          const reached = ahead.get(end) ?? new Reached(states.length)
          reached.add(state.next)
          ahead.set(end, reached)
        }
      }
    }
    here.clear()
    ;[here, next] = [next, here]
  }
  return ends
}

/** A set of states that can be added to while it is walked. */
class Reached {
  readonly list: number[] = []
  private readonly marks: Uint8Array

  constructor(stateCount: number) {
    this.marks = new Uint8Array(stateCount)
  }

  add(state: number): void {
    if (this.marks[state] === 1) return
    this.marks[state] = 1
    this.list.push(state)
  }

  clear(): void {
    for (const state of this.list) this.marks[state] = 0
    this.list.length = 0
  }
}
