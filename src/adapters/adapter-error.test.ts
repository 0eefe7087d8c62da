import { expect, test } from 'vitest'
import { AdapterError } from '../engine/ports/adapter.ts'
import { asAdapterError } from './adapter-error.ts'

const make = (fields: object): Error => Object.assign(new Error('Why.'), fields)

test.each([
  [new AdapterError('quota', 'Why.', { retryable: true }), 'quota', true],
  [make({ name: 'AdapterError', code: 'denied', retryable: false }), 'denied', false],
  [make({ name: 'AdapterError', code: 'nonsense', retryable: false }), 'unknown', true],
  [make({ name: 'AdapterError', code: 'toString', retryable: false }), 'unknown', true],
  [make({ code: 'denied', retryable: false }), 'unknown', true],
  [make({ code: 'ECONNREFUSED' }), 'offline', true],
  [new TypeError('fetch failed', { cause: make({ code: 'ENOTFOUND' }) }), 'offline', true],
  ['a string', 'unknown', true],
])('R13 %o becomes an AdapterError "%s"', (thrown, code, retryable) => {
  const error = asAdapterError(thrown)
  expect(error).toBeInstanceOf(AdapterError)
  expect(error).toMatchObject({ code, retryable })
})
