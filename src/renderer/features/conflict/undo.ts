/** Undo and redo for the merge editor: what was typed within a moment is one step. */
import { type ChangeSet, type Extension, StateEffect, StateField, Transaction } from '@codemirror/state'
import { type Command, EditorView, keymap } from '@codemirror/view'

/** Edits closer to each other than this, in milliseconds, are undone together. */
const MOMENT_MS = 600

interface Past {
  /** Each undoes one step, the last one first. */
  readonly done: readonly ChangeSet[]
  readonly undone: readonly ChangeSet[]
  readonly lastAt: number
}

/** Marks a transaction as a step back or forth: what the past is after it. */
const travel = StateEffect.define<Past>()

const past = StateField.define<Past>({
  create: () => ({ done: [], undone: [], lastAt: 0 }),
  update(before, transaction) {
    for (const effect of transaction.effects) if (effect.is(travel)) return effect.value
    if (!transaction.docChanged) return before
    const at = transaction.annotation(Transaction.time) ?? 0
    const inverse = transaction.changes.invert(transaction.startState.doc)
    const last = before.done.at(-1)
    const isSameStep =
      last !== undefined && at - before.lastAt < MOMENT_MS && transaction.isUserEvent('input.type')
    const done = isSameStep ? [...before.done.slice(0, -1), inverse.compose(last)] : [...before.done, inverse]
    return { done, undone: [], lastAt: at }
  },
})

const undo: Command = view => step(view, 'done', 'undone')
const redo: Command = view => step(view, 'undone', 'done')

function step(view: EditorView, from: 'done' | 'undone', to: 'done' | 'undone'): boolean {
  const now = view.state.field(past)
  const changes = now[from].at(-1)
  if (changes === undefined) return true
  const rest = now[from].slice(0, -1)
  const back = [...now[to], changes.invert(view.state.doc)]
  const next: Past =
    from === 'done' ? { done: rest, undone: back, lastAt: 0 } : { done: back, undone: rest, lastAt: 0 }
  view.dispatch({ changes, effects: travel.of(next), scrollIntoView: true, userEvent: 'undo' })
  return true
}

export const undoable: Extension = [
  past,
  keymap.of([
    { key: 'Mod-z', run: undo, preventDefault: true },
    { key: 'Mod-y', run: redo, preventDefault: true },
    { key: 'Mod-Shift-z', run: redo, preventDefault: true },
  ]),
  // The browser's own undo knows nothing of this one.
  EditorView.domEventHandlers({
    beforeinput(event, view) {
      if (event.inputType === 'historyUndo') undo(view)
      else if (event.inputType === 'historyRedo') redo(view)
      else return false
      event.preventDefault()
      return true
    },
  }),
]
