import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../memory/memory-database.ts'
import { adapterFaults, isAdapter } from './shape.ts'

const method = (): void => {}
const FIVE = { query: method, get: method, set: method, delete: method, subscribe: method }

class Inherited {
  query = method
  get(): void {}
  set(): void {}
  delete(): void {}
  subscribe(): void {}
}

test.each([
  ['five methods', FIVE],
  ['methods of a class', new Inherited()],
  ['five methods and dispose', { ...FIVE, dispose: method }],
  ['every ability', createMemoryDatabase().adapter()],
])('%s suffice', (_, value) => {
  expect(adapterFaults(value)).toEqual([])
  expect(isAdapter(value)).toBe(true)
})

test.each([
  [undefined, /undefined/],
  [null, /null/],
  ['adapter', /a string/],
  [{ ...FIVE, subscribe: undefined }, /no subscribe\(\)/],
  [{ get: method, set: method }, /no query\(\), delete\(\), subscribe\(\)/],
  [{ ...FIVE, dispose: true }, /"dispose" is a boolean/],
  [{ ...FIVE, heads: method }, /has heads\(\) but no getMany\(\) and commit\(\)/],
  [{ ...FIVE, heads: method, getMany: method, commit: 'abc' }, /"commit" is a string/],
  [{ ...FIVE, limits: 5 }, /"limits" is a number/],
  [
    { ...FIVE, limits: { contentBytes: 1e6, batchItems: 0, batchBytes: 1e6 } },
    /limits\.batchItems is a number/,
  ],
])('R12 %j is refused with what it lacks', (value, reason) => {
  expect(adapterFaults(value).join(' ')).toMatch(reason)
  expect(isAdapter(value)).toBe(false)
})
