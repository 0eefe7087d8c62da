import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isExact, type JsonNode, readJson, sourceOf, unquote } from './json-tree.ts'

function valueOf(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, valueOf(value)]))
    case 'array':
      return node.items.map(valueOf)
    case 'string':
      return unquote(sourceOf(node))
    case 'number':
      return Number(sourceOf(node))
    case 'word':
      return ({ true: true, false: false, null: null } as const)[sourceOf(node)]
  }
}

test('R5 the tree says what JSON.parse says', () => {
  let containers = 0
  fc.assert(
    fc.property(
      fc.json(),
      fc.constantFrom(undefined, 1, '\t'),
      fc.constantFrom('', '\ufeff'),
      (json, space, mark) => {
        const value: unknown = JSON.parse(json)
        const text = mark + JSON.stringify(value, null, space)
        const root = readJson(text)
        if (typeof root === 'string') return
        if (root.kind === 'object' || root.kind === 'array') containers++
        expect(JSON.stringify(valueOf(root))).toEqual(JSON.stringify(value))
        expect(mark + sourceOf(root)).toBe(text)
      },
    ),
    { numRuns: 1_000 },
  )
  expect(containers).toBeGreaterThan(200)
})

describe('R5 numbers a double holds as they are written', () => {
  test.each([
    '0',
    '1',
    '-1',
    '0.1',
    '1.0',
    '1.50',
    '100',
    '1e2',
    '1E+2',
    '1e-7',
    '0.0000001',
    '9007199254740992',
    '5e-324',
    '1.7976931348623157e308',
    '0e5',
    '123456789012345',
    '1e21',
  ])('%s', source => {
    expect(isExact(source)).toBe(true)
  })

  test.each([
    '-0',
    '-0.0',
    '-0e1',
    '9007199254740993',
    '12345678901234567890',
    '0.1000000000000000055',
    '1e400',
    '-1e400',
    '1e-400',
    '3.14159265358979323846',
  ])('not %s', source => {
    expect(isExact(source)).toBe(false)
  })

  test('every double as it is printed', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
        expect(isExact(JSON.stringify(value))).toBe(true)
        expect(isExact(value.toExponential())).toBe(!Object.is(value, -0) || value.toExponential() === '0e+0')
      }),
    )
  })
})
