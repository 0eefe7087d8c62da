import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { times } from '../../../test/support/long.ts'
import { JsonEquality } from './json-equality.ts'
import { jsonPointer } from './json-pointer.ts'
import { type JsonNode, readJson, sourceOf } from './json-tree.ts'
import { mergeJson, resolveJson } from './merge-json.ts'
import type { JsonStep, MergeResult, MergeTexts } from './merge-result.ts'

/** A document before it is a text: keys in order, scalars as they are written. */
type Model =
  | string
  | { readonly object: readonly (readonly [string, Model])[] }
  | { readonly array: readonly Model[] }

type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

const SCALARS = [
  '0',
  '1',
  '-1.5',
  '1e3',
  '1000',
  'true',
  'null',
  '""',
  '"ü"',
  '"\\u00fc"',
  '"a\\\\\\"{}[],:"',
  '"😀\\n"',
]
const KEYS = ['a', 'b', 'c', 'd', 'ключ', '', 'a.b', '__proto__', 'q"\\', 'toString']

const scalar = fc.constantFrom(...SCALARS)
const keyOf = fc.constantFrom(...KEYS)
const { model } = fc.letrec<{ model: Model; object: Model; array: Model; list: Model }>(tie => ({
  model: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    tie('object'),
    tie('object'),
    tie('array'),
    tie('list'),
  ),
  object: fc
    .uniqueArray(fc.tuple(keyOf, tie('model')), { selector: ([key]) => key, maxLength: 5 })
    .map(object => ({ object })),
  array: fc.array(tie('model'), { maxLength: 4 }).map(array => ({ array })),
  list: fc
    .tuple(
      fc.constantFrom('id', 'key', 'name'),
      fc.uniqueArray(fc.tuple(fc.constantFrom('1', '2', '3', '4', '"x"', '"1"'), tie('model')), {
        selector: ([identity]) => identity,
        maxLength: 5,
      }),
    )
    .map(([by, elements]) => ({ array: elements.map(([identity, value]) => element(by, identity, value)) })),
}))

const root: fc.Arbitrary<Model> = fc
  .uniqueArray(fc.tuple(keyOf, model), { selector: ([key]) => key, minLength: 3, maxLength: 9 })
  .map(object => ({ object }))

function element(by: string, identity: string, value: Model): Model {
  return {
    object: [
      [by, identity],
      ['v', value],
      ['w', '1'],
    ],
  }
}

type Random = () => number
const pick = <T>(from: readonly T[], random: Random): T => from[random() % from.length]!

/** One change somewhere: a value, a key added or removed, an element added, removed or moved. */
function mutate(value: Model, random: Random): Model {
  if (typeof value === 'string' || random() % 8 === 0)
    return pick([...SCALARS, { object: [] }, { array: [] }], random)
  if ('object' in value) return { object: mutateMembers(value.object, random) }
  const items = [...value.array]
  const at = random() % (items.length + 1)
  const choice = random() % 4
  if (choice === 0 || items.length === 0)
    items.splice(at, 0, element('id', pick(['7', '8', '"y"'], random), '1'))
  else if (choice === 1) items.splice(at % items.length, 1)
  else if (choice === 2) items.push(...items.splice(at % items.length, 1))
  else items[at % items.length] = mutate(items[at % items.length]!, random)
  return { array: items }
}

function mutateMembers(
  members: readonly (readonly [string, Model])[],
  random: Random,
): (readonly [string, Model])[] {
  const at = random() % (members.length + 1)
  const choice = random() % 5
  const key = pick(KEYS, random)
  if (choice === 0 && members.every(([known]) => known !== key)) {
    return members.toSpliced(at, 0, [key, pick([...SCALARS, { object: [['x', '1']] as const }], random)])
  }
  if (members.length === 0) return []
  const [own, value] = members[at % members.length]!
  if (choice === 1) return members.toSpliced(at % members.length, 1)
  return members.with(at % members.length, [own, mutate(value, random)])
}

interface Style {
  readonly lineEnd: string
  readonly unit: string
  readonly colon: string
  readonly around: readonly [string, string]
}

const style: fc.Arbitrary<Style> = fc.record({
  lineEnd: fc.constantFrom('', '\n', '\n', '\r\n'),
  unit: fc.constantFrom('  ', '\t', '    '),
  colon: fc.constantFrom(':', ': '),
  around: fc.constantFrom(
    ['', ''] as const,
    ['', '\n'] as const,
    ['\ufeff', '\r\n'] as const,
    [' ', ''] as const,
  ),
})

/** With `noise`, white space that no formatter would put there. */
function write(value: Model, style: Style, noise: (() => string) | null = null): string {
  const level = (value: Model, indent: string): string => {
    if (typeof value === 'string') return value
    const inner = style.lineEnd === '' ? '' : indent + style.unit
    const [open, close] = 'object' in value ? ['{', '}'] : ['[', ']']
    const space = (): string => noise?.() ?? ''
    const children =
      'object' in value
        ? value.object.map(
            ([key, own]) => `${JSON.stringify(key)}${space()}${style.colon}${level(own, inner)}`,
          )
        : value.array.map(own => level(own, inner))
    if (children.length === 0) return open + space() + close
    const lead = style.lineEnd + inner
    return `${open}${children.map(text => lead + space() + text + space()).join(',')}${style.lineEnd}${style.lineEnd === '' ? '' : indent}${close}`
  }
  return style.around[0] + level(value, '') + style.around[1]
}

interface Case extends MergeTexts {
  readonly base: string
}

const versions: fc.Arbitrary<Case> = fc
  .record({
    base: fc.oneof({ weight: 5, arbitrary: root }, { weight: 1, arbitrary: model }),
    edits: fc.tuple(fc.nat(4), fc.nat(4)),
    style,
    noisy: fc.boolean(),
    random: fc.infiniteStream(fc.nat(10_000)),
  })
  .map(({ base, edits, style, noisy, random }) => {
    const next: Random = () => random.next().value
    const side = (count: number): Model =>
      Array.from({ length: count }).reduce<Model>(value => mutate(value, next), base)
    const noise = (): string => pick(['', '', ' ', '\t', '\n  ', '\r\n'], next)
    return {
      base: write(base, style),
      local: write(side(edits[0]), style, noisy ? noise : null),
      remote: write(side(edits[1]), style),
    }
  })

const textOf = (result: MergeResult): string => (result.kind === 'merged' ? result.text : result.rest!)
const parse = (text: string): Value => JSON.parse(text.replace(/^\ufeff/, '')) as Value
const nodeOf = (text: string): JsonNode => readJson(text) as JsonNode

/** The same for equal values, whatever the order of their keys. */
function canonical(value: Value | undefined): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, own]) => `${JSON.stringify(key)}:${canonical(own)}`)
    .sort()
    .join()}}`
}

const isObject = (value: Value | undefined): value is { readonly [key: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const own = (value: Value | undefined, key: string): Value | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined

function identity(arrays: readonly (readonly Value[])[]): string | undefined {
  return ['id', 'key', 'name'].find(by =>
    arrays.every(array => {
      const found = array
        .map(item => own(item, by))
        .filter(value => ['string', 'number'].includes(typeof value))
      return found.length === array.length && new Set(found).size === found.length
    }),
  )
}

/** The rules of R5, asked of a result: where it must be a side's value, and where a conflict must be reported. */
class Judge {
  readonly #open: Set<string>
  taken = 0
  sequences = 0

  constructor(result: MergeResult) {
    this.#open = new Set(result.kind === 'conflict' ? result.conflicts.map(({ id }) => id) : [])
  }

  judge(
    base: Value | undefined,
    local: Value | undefined,
    remote: Value | undefined,
    result: Value | undefined,
  ): void {
    this.#at([], base, local, remote, result)
    expect([...this.#open]).toEqual([])
  }

  #at(
    path: JsonStep[],
    base: Value | undefined,
    local: Value | undefined,
    remote: Value | undefined,
    result: Value | undefined,
  ): void {
    const [b, l, r] = [canonical(base), canonical(local), canonical(remote)]
    const pointer = jsonPointer(path)
    if (l === r || r === b || l === b) {
      this.taken++
      expect([pointer, canonical(result)]).toEqual([pointer, l === b ? r : l])
    } else if (this.#open.delete(pointer)) {
      expect([pointer, canonical(result)]).toEqual([pointer, l])
    } else if (isObject(local) && isObject(remote) && (base === undefined || isObject(base))) {
      const keys = new Set([base ?? {}, local, remote, result as object].flatMap(Object.keys))
      for (const key of keys)
        this.#at([...path, key], own(base, key), own(local, key), own(remote, key), own(result, key))
    } else {
      const arrays = [base ?? [], local, remote]
      expect([pointer, arrays.every(Array.isArray)]).toEqual([pointer, true])
      this.#elements(path, arrays as Value[][], result as Value[])
    }
  }

  #elements(path: JsonStep[], arrays: Value[][], result: Value[]): void {
    const by = identity(arrays)
    if (by === undefined) return this.#sequence(path, arrays, result)
    const [base, local, remote, merged] = [...arrays, result].map(
      array => new Map(array.map(item => [own(item, by), item])),
    )
    expect(merged!.size).toBe(result.length)
    for (const is of new Set([base, local, remote, merged].flatMap(items => [...items!.keys()]))) {
      const step = { by, is: is as string }
      const [mine, theirs] = [local!.get(is), remote!.get(is)]
      if (!base!.has(is) && mine !== undefined && theirs !== undefined)
        expect([canonical(mine) === canonical(theirs)]).not.toEqual([
          this.#open.has(jsonPointer([...path, step])),
        ])
      this.#at([...path, step], base!.get(is), mine, theirs, merged!.get(is))
    }
  }

  /** Each value as often as the side has it that changed how often it is there. */
  #sequence(path: JsonStep[], arrays: Value[][], result: Value[]): void {
    this.sequences++
    const [base, local, remote, merged] = [...arrays, result].map(items => items.map(canonical))
    for (const value of new Set([base, local, remote, merged].flat())) {
      const [b, l, r, m] = [base, local, remote, merged].map(
        items => items!.filter(item => item === value).length,
      )
      expect([jsonPointer(path), value, m]).toEqual([jsonPointer(path), value, l === b ? r : l])
      expect([jsonPointer(path), value, l === b || r === b || l === r]).toEqual([
        jsonPointer(path),
        value,
        true,
      ])
    }
  }
}

const RUNS = { numRuns: times({ short: 1_000, long: 100_000 }) }

describe('R5 JSON merge', () => {
  test('each path: one side’s change is taken, what both changed differently is reported', () => {
    const seen = { merged: 0, conflict: 0, inside: 0, sequences: 0 }
    fc.assert(
      fc.property(versions, texts => {
        const result = mergeJson(texts)
        const judge = new Judge(result)
        judge.judge(parse(texts.base), parse(texts.local), parse(texts.remote), parse(textOf(result)))
        const isBoth =
          texts.local !== texts.base && texts.remote !== texts.base && texts.local !== texts.remote
        if (isBoth) seen[result.kind]++
        if (judge.taken > 3 && result.kind === 'conflict') seen.inside++
        seen.sequences += judge.sequences
      }),
      RUNS,
    )
    expect(seen.merged).toBeGreaterThan(RUNS.numRuns / 10)
    expect(seen.conflict).toBeGreaterThan(RUNS.numRuns / 10)
    expect(seen.inside).toBeGreaterThan(RUNS.numRuns / 100)
    expect(seen.sequences).toBeGreaterThan(0)
  })

  test('a change of one side, or the same of both, comes out byte for byte', () => {
    let changed = 0
    fc.assert(
      fc.property(versions, ({ base: b, local: x }) => {
        expect(mergeJson({ base: b, local: x, remote: b })).toEqual({ kind: 'merged', text: x })
        expect(mergeJson({ base: b, local: b, remote: x })).toEqual({ kind: 'merged', text: x })
        expect(mergeJson({ base: b, local: x, remote: x })).toEqual({ kind: 'merged', text: x })
        if (b !== x) changed++
      }),
    )
    expect(changed).toBeGreaterThan(50)
  })

  test('F8 swapping the sides gives the same values and the same conflicts', () => {
    const seen = { merged: 0, conflict: 0 }
    fc.assert(
      fc.property(versions, texts => {
        const result = mergeJson(texts)
        const swapped = mergeJson({ base: texts.base, local: texts.remote, remote: texts.local })
        seen[result.kind]++
        expect(swapped.kind).toBe(result.kind)
        if (result.kind === 'merged') {
          expect(canonical(parse(textOf(swapped)))).toBe(canonical(parse(result.text)))
          return
        }
        const ids = (of: MergeResult) =>
          of.kind === 'conflict' ? of.conflicts.map(({ id }) => id).sort() : []
        expect(ids(swapped)).toEqual(ids(result))
        const all = (side: 'local' | 'remote') => new Map(ids(result).map(id => [id, side]))
        const left = resolveJson(texts, all('local'))
        const right = resolveJson(
          { base: texts.base, local: texts.remote, remote: texts.local },
          all('remote'),
        )
        if (left.kind !== 'merged' || right.kind !== 'merged') throw new Error('not resolved')
        expect(canonical(parse(right.text))).toBe(canonical(parse(left.text)))
      }),
      RUNS,
    )
    expect(Math.min(seen.merged, seen.conflict)).toBeGreaterThan(RUNS.numRuns / 10)
  })

  test('merging the result with the same remote again changes nothing', () => {
    let again = 0
    fc.assert(
      fc.property(versions, texts => {
        const result = mergeJson(texts)
        const rest = textOf(result)
        const next = mergeJson({ ...texts, local: rest })
        expect(canonical(parse(textOf(next)))).toBe(canonical(parse(rest)))
        if (rest !== texts.local && rest !== texts.remote) again++
      }),
      RUNS,
    )
    expect(again).toBeGreaterThan(RUNS.numRuns / 10)
  })

  test('all conflicts resolved: by local, the rest as it is; by remote, no local value at them', () => {
    let resolved = 0
    fc.assert(
      fc.property(versions, texts => {
        const result = mergeJson(texts)
        if (result.kind === 'merged') return
        const choose = (side: 'local' | 'remote') =>
          resolveJson(texts, new Map(result.conflicts.map(({ id }) => [id, side])))
        expect(choose('local')).toEqual({ kind: 'merged', text: result.rest })
        const remote = choose('remote')
        if (remote.kind !== 'merged') throw new Error('not resolved')
        const asRemote = mergeJson({ ...texts, local: remote.text })
        expect(canonical(parse(textOf(asRemote)))).toBe(canonical(parse(remote.text)))
        resolved++
      }),
      RUNS,
    )
    expect(resolved).toBeGreaterThan(RUNS.numRuns / 10)
  })

  test('what has the local value keeps its bytes and its place', () => {
    let kept = 0
    fc.assert(
      fc.property(versions, style, fc.infiniteStream(fc.nat(100)), (texts, style, random) => {
        // Laid out as nothing else is, so the local text is the one that is changed.
        const noise = (): string => pick([' ', '\t', '  ', ''], () => random.next().value)
        const model = toModel(nodeOf(texts.local))
        const local = write(model, style, noise).replace(/[[{]/, '$&\t \t')
        const result = mergeJson({ ...texts, local })
        if (
          isPlain(nodeOf(local)) ||
          nodeOf(texts.base).kind !== nodeOf(local).kind ||
          local === texts.base ||
          texts.remote === texts.base
        )
          return
        kept += compareBytes(nodeOf(local), nodeOf(textOf(result)), new JsonEquality())
      }),
      RUNS,
    )
    expect(kept).toBeGreaterThan(RUNS.numRuns / 4)
  })
})

const isPlain = (node: JsonNode): boolean => node.kind !== 'object' && node.kind !== 'array'

function toModel(node: JsonNode): Model {
  if (node.kind === 'object') return { object: node.members.map(({ key, value }) => [key, toModel(value)]) }
  return node.kind === 'array' ? { array: node.items.map(toModel) } : sourceOf(node)
}

/** How many values were found unchanged; fails where one is written otherwise or keys have changed places. */
function compareBytes(local: JsonNode, result: JsonNode, equality: JsonEquality): number {
  if (equality.equal(local, result)) {
    expect(sourceOf(result)).toBe(sourceOf(local))
    return 1
  }
  if (local.kind !== 'object' || result.kind !== 'object') return 0
  const keys = (of: typeof local, other: typeof local): string[] =>
    of.members.map(({ key }) => key).filter(key => equality.membersOf(other).has(key))
  expect(keys(result, local)).toEqual(keys(local, result))
  let kept = 0
  for (const { key, value } of result.members) {
    const before = equality.valueOf(local, key)
    if (before !== null) kept += compareBytes(before, value, equality)
  }
  return kept
}
