import { EditorState, Transaction } from '@codemirror/state'
import { expect, it } from 'vitest'
import { undoable } from './undo.ts'

// The commands need a view; the state alone shows what is kept of the past.
it('keeps typing within a moment as one step and later typing as another', () => {
  const field = (undoable as readonly unknown[])[0] as Parameters<EditorState['field']>[0]
  const type = (state: EditorState, text: string, at: number) =>
    state.update({
      changes: { from: state.doc.length, insert: text },
      userEvent: 'input.type',
      annotations: Transaction.time.of(at),
    }).state
  let state = EditorState.create({ doc: 'a', extensions: undoable })
  state = type(state, 'b', 10_000)
  state = type(state, 'c', 10_100)
  state = type(state, 'd', 20_000)
  const { done } = state.field(field) as { done: { apply: (doc: typeof state.doc) => typeof state.doc }[] }
  expect(done).toHaveLength(2)
  const once = done[1]?.apply(state.doc)
  expect(once?.toString()).toBe('abc')
  expect(done[0]?.apply(once ?? state.doc).toString()).toBe('a')
})
