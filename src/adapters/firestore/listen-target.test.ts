import { expect, test } from 'vitest'
import { ListenTarget } from './listen-target.ts'
import type { ListenResponse } from './wire.ts'

const PREFIX = 'projects/p/databases/(default)/documents/files/'

function changed(id: string, seconds: number, isIn = true): ListenResponse {
  const fields = { lastUpdated: { integerValue: String(seconds) }, content: { stringValue: 'long' } }
  const document = { name: PREFIX + id, fields, updateTime: { seconds: String(seconds), nanos: 0 } }
  return { documentChange: { document, targetIds: isIn ? [1] : [], removedTargetIds: isIn ? [] : [1] } }
}

function target(targetChangeType: string, targetIds: number[] = [1], seconds?: number): ListenResponse {
  const time = seconds === undefined ? {} : { readTime: { seconds: String(seconds) } }
  return { targetChange: { targetChangeType, targetIds, resumeToken: Buffer.from('token'), ...time } }
}

const LATEST = target('NO_CHANGE', [], 9)
const head = (id: string, seconds: number) => ({ id, etag: `${seconds}000000000`, lastUpdated: seconds })

test('changes are told together, as the state of one time, and without their contents', () => {
  const listened = new ListenTarget()
  for (const response of [target('ADD'), changed('app:a%2Fb', 3), changed('c', 4), target('CURRENT', [1], 5)])
    expect(listened.receive(response)).toBeNull()
  expect(listened.receive(LATEST)).toEqual({
    kind: 'state',
    changes: [
      { id: 'app:a/b', head: head('app:a/b', 3) },
      { id: 'c', head: head('c', 4) },
    ],
    isWhole: false,
    readTime: 9_000_000_000n,
    resumeToken: Buffer.from('token'),
  })
  expect(listened.receive(LATEST)).toMatchObject({ changes: [] })
})

test('before all is there, or of one target alone, nothing is a state', () => {
  const listened = new ListenTarget()
  expect(listened.receive(LATEST)).toBeNull()
  listened.receive(target('CURRENT'))
  expect(listened.receive(target('NO_CHANGE', [1], 9))).toBeNull()
  expect(listened.receive(target('NO_CHANGE', []))).toBeNull()
  expect(listened.receive(LATEST)).toMatchObject({ kind: 'state' })
})

test.each<[string, ListenResponse]>([
  ['deleted', { documentDelete: { document: `${PREFIX}a`, readTime: { seconds: '5' } } }],
  ['removed', { documentRemove: { document: `${PREFIX}a`, readTime: { seconds: '5' } } }],
  ['of another owner now', changed('a', 5, false)],
])('a document that is %s is gone', (_, response) => {
  const listened = new ListenTarget()
  listened.receive(target('CURRENT'))
  listened.receive(changed('a', 4))
  listened.receive(response)
  expect(listened.receive(LATEST)).toMatchObject({ changes: [{ id: 'a', head: null, at: 5_000_000_000n }] })
})

test('after a reset, what follows is everything', () => {
  const listened = new ListenTarget()
  for (const response of [target('CURRENT'), changed('a', 1), target('RESET'), LATEST, changed('b', 2)])
    expect(listened.receive(response)).toBeNull()
  listened.receive(target('CURRENT'))
  expect(listened.receive(LATEST)).toMatchObject({ isWhole: true, changes: [{ id: 'b' }] })
  expect(listened.receive(LATEST)).toMatchObject({ isWhole: false, changes: [] })
})

test('the service’s own count is told with what it counts', () => {
  const listened = new ListenTarget()
  listened.receive(changed('a', 1))
  expect(listened.receive({ filter: { count: 7 } })).toMatchObject({
    kind: 'count',
    count: 7,
    changes: [{ id: 'a' }],
  })
})

test('R12 a target that is removed has failed, with the reason', () => {
  const cause = { code: 3, message: `'select' clauses are not supported for real-time queries.` }
  const response = { targetChange: { targetChangeType: 'REMOVE', targetIds: [1], cause } }
  expect(new ListenTarget().receive(response)).toEqual({ kind: 'failed', status: cause })
})
