import { expect, test } from 'vitest'
import type { RecordHead } from '../../engine/ports/adapter.ts'
import { Echoes } from './echoes.ts'
import type { HeadChange } from './listen-target.ts'

const head = (id: string, etag: string): RecordHead => ({ id, etag, lastUpdated: 1 })
const set = (id: string, etag: string): HeadChange => ({ id, head: head(id, etag) })
const gone = (id: string): HeadChange => ({ id, head: null, at: 1n })

test('R3 what comes before the answer and is our own is not told', () => {
  const echoes = new Echoes()
  echoes.begin(['a', 'b'])
  expect(echoes.sift([set('a', '1'), gone('b'), set('c', '1')])).toEqual([set('c', '1')])
  echoes.noteSet(head('a', '1'))
  echoes.noteDelete('b')
  expect(echoes.end(['a', 'b'])).toEqual([])
  expect(echoes.sift([set('a', '2')])).toEqual([set('a', '2')])
})

test('F3 what is another’s is told with the answer: an edit, a delete, and what came after ours', () => {
  const echoes = new Echoes()
  echoes.begin(['lost', 'deleted', 'after'])
  echoes.sift([set('lost', '5'), gone('deleted'), set('after', '1')])
  echoes.sift([set('after', '2')])
  echoes.noteSet(head('after', '1'))
  echoes.noteSet(head('deleted', '1'))
  expect(echoes.end(['lost', 'deleted', 'after'])).toEqual([
    set('lost', '5'),
    gone('deleted'),
    set('after', '2'),
  ])
})

test('two commits of one record: it is told after the last', () => {
  const echoes = new Echoes()
  echoes.begin(['a'])
  echoes.begin(['a'])
  echoes.sift([set('a', '9')])
  expect(echoes.end(['a'])).toEqual([])
  expect(echoes.end(['a'])).toEqual([set('a', '9')])
})
