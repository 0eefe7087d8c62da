/** CodeMirror as this app uses it: two panes, its colours, the languages of state files. */
import { getChunks, goToNextChunk, goToPreviousChunk, MergeView } from '@codemirror/merge'
import { EditorSelection, EditorState, type Extension, Prec } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  type ViewUpdate,
} from '@codemirror/view'
import { json } from '@codemirror/lang-json'
import { markdown } from '@codemirror/lang-markdown'
import { highlighting } from './highlight.ts'
import { undoable } from './undo.ts'

interface Merge {
  readonly parent: HTMLElement
  readonly left: string
  readonly right: string
  readonly path: string
  readonly labels: { readonly left: string; readonly right: string; readonly take: string }
  /** Also once at the start, and after the left side was exchanged; then `isEdit` is false. */
  readonly onChange: (result: string, isEdit: boolean, differences: number) => void
}

export function openMerge({ parent, left, right, path, labels, onChange }: Merge): MergeView {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: 'open' })
  const shared = [basics, languageOf(path), lineEndOf(right)]
  const report = (update: ViewUpdate) => {
    if (!update.docChanged && !update.transactions.some(transaction => transaction.effects.length > 0)) return
    onChange(update.state.sliceDoc(), update.docChanged, getChunks(update.state)?.chunks.length ?? 0)
  }
  const view = new MergeView({
    root,
    parent: root,
    a: {
      doc: left,
      extensions: [
        shared,
        EditorState.readOnly.of(true),
        EditorView.contentAttributes.of({ 'aria-label': labels.left }),
      ],
    },
    b: {
      doc: right,
      extensions: [
        shared,
        undoable,
        EditorView.contentAttributes.of({ 'aria-label': labels.right }),
        EditorView.updateListener.of(report),
      ],
    },
    revertControls: 'a-to-b',
    renderRevertControl: () => takeButton(labels.take),
    gutter: true,
    highlightChanges: true,
    collapseUnchanged: { margin: 3, minSize: 6 },
  })
  // The frame around both panes is no editor's, so no editor theme reaches it.
  Object.assign(view.dom.style, { height: '100%', fontSize: '14px' })
  onChange(right, false, view.chunks.length)
  return view
}

/** Exchanges what the result is compared with. */
export function showVersion(view: MergeView, text: string, label: string): void {
  const { state } = view.a
  view.a.contentDOM.setAttribute('aria-label', label)
  if (state.sliceDoc() !== text) view.a.dispatch({ changes: { from: 0, to: state.doc.length, insert: text } })
}

export function goToNextDifference(view: MergeView): void {
  goToNextChunk(view.b)
  view.b.focus()
}

export function goToPreviousDifference(view: MergeView): void {
  goToPreviousChunk(view.b)
  view.b.focus()
}

function takeButton(label: string): HTMLElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.setAttribute('aria-label', label)
  button.title = label
  button.textContent = '→'
  Object.assign(button.style, { color: 'var(--color-accent)', fontWeight: '600' })
  return button
}

/** A file keeps its own line ends; without this every edit would change all of them. */
function lineEndOf(text: string): Extension {
  return EditorState.lineSeparator.of(text.includes('\r\n') ? '\r\n' : '\n')
}

function languageOf(path: string): Extension {
  if (/\.jsonc?$/i.test(path)) return json()
  return /\.(md|mdx|markdown)$/i.test(path) ? markdown() : []
}

const theme = EditorView.theme({
  '&': { color: 'var(--color-ink)', backgroundColor: 'transparent', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '20px' },
  '.cm-content': { caretColor: 'var(--color-ink)', padding: '8px 0' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--color-ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--color-accent-line)',
  },
  '.cm-line': { padding: '0 12px' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--color-ink-3)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 4px 0 12px', minWidth: '36px' },
  '&.cm-merge-a .cm-changedLine, .cm-deletedChunk': { backgroundColor: 'var(--color-bad-soft)' },
  '&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine': { backgroundColor: 'var(--color-ok-soft)' },
  '&.cm-merge-a .cm-changedText': { background: 'var(--color-bad-line)' },
  '&.cm-merge-b .cm-changedText': { background: 'var(--color-ok-line)' },
  '&.cm-merge-a .cm-changedLineGutter': { background: 'var(--color-bad)' },
  '&.cm-merge-b .cm-changedLineGutter': { background: 'var(--color-ok)' },
  '.cm-collapsedLines': {
    color: 'var(--color-ink-3)',
    background: 'var(--color-sunken)',
    fontFamily: 'var(--font-sans)',
    padding: '4px 12px',
    '&:before, &:after': { content: 'none' },
  },
})

/** The few keys that the browser does not do right by itself in a text that is only drawn in part. */
const keys = keymap.of([
  {
    key: 'Mod-a',
    run: view => {
      view.dispatch({ selection: EditorSelection.single(0, view.state.doc.length) })
      return true
    },
  },
  {
    key: 'Enter',
    run: view => {
      if (view.state.readOnly) return false
      view.dispatch(view.state.replaceSelection(view.state.lineBreak), {
        scrollIntoView: true,
        userEvent: 'input',
      })
      return true
    },
  },
])

const basics: Extension = [
  lineNumbers(),
  highlightSpecialChars(),
  drawSelection(),
  EditorView.lineWrapping,
  highlighting,
  Prec.high(theme),
  keys,
]
