import { expect, test } from 'vitest'
import type { RecordHead } from '../../engine/ports/adapter.ts'
import { HeadsView } from './heads-view.ts'
import type { HeadChange, TargetState } from './listen-target.ts'

function head(id: string, time: number): RecordHead {
  return { id, etag: String(time), lastUpdated: time }
}

function gone(id: string, at: number): HeadChange {
  return { id, head: null, at: BigInt(at) }
}

function state(changes: readonly HeadChange[], readTime: number, isWhole = false): TargetState {
  return { kind: 'state', changes, isWhole, readTime: BigInt(readTime), resumeToken: null }
}

function set(id: string, time: number): HeadChange {
  return { id, head: head(id, time) }
}

test('R8 what we have written is known at once, and an older word does not take it back', () => {
  const view = new HeadsView()
  view.set(head('a', 10))
  expect(view.apply(state([set('a', 5)], 6))).toEqual([])
  expect(view.apply(state([gone('a', 7)], 8))).toEqual([])
  expect(view.heads()).toEqual([head('a', 10)])
})

test('R3 the echo of our own write says nothing new', () => {
  const view = new HeadsView()
  view.set(head('a', 10))
  expect(view.apply(state([set('a', 10)], 11))).toEqual([])
  view.deleted('a', '10')
  expect(view.apply(state([gone('a', 12)], 13))).toEqual([])
  expect(view.size).toBe(0)
})

test('F3 what another device has written after ours is believed', () => {
  const view = new HeadsView()
  view.set(head('a', 10))
  expect(view.apply(state([set('a', 12)], 12))).toEqual([set('a', 12)])
  view.deleted('a', '10')
  expect(view.heads()).toEqual([head('a', 12)])
})

test('R8 a record that we have deleted does not come back with its last edit, but with a new one', () => {
  const view = new HeadsView()
  view.deleted('a', '10')
  expect(view.apply(state([set('a', 10)], 11))).toEqual([])
  expect(view.apply(state([set('a', 14)], 14))).toEqual([set('a', 14)])
})

test('R13 what a whole state does not name is gone, unless it is newer than that state', () => {
  const view = new HeadsView()
  for (const [id, time] of [['stays', 1] as const, ['goes', 2] as const, ['ours', 30] as const])
    view.set(head(id, time))
  const applied = view.apply(state([set('stays', 1), set('comes', 20)], 20, true))
  expect(applied).toEqual([set('comes', 20), gone('goes', 20)])
  expect(view.heads().map(({ id }) => id)).toEqual(['stays', 'ours', 'comes'])
})

test('the size counts what is still to be applied', () => {
  const view = new HeadsView()
  view.set(head('a', 1))
  expect(view.sizeWith([set('a', 2), set('b', 2), gone('c', 2)])).toBe(2)
  expect(view.sizeWith([gone('a', 2)])).toBe(0)
})

test('a record that leaves at a time that was not said is gone', () => {
  const view = new HeadsView()
  view.set(head('a', 1))
  expect(view.apply(state([gone('a', 0)], 5))).toEqual([gone('a', 0)])
})
