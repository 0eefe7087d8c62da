/**
 * sync-config.json as two lists, or as its text where it is broken or a person wants it so. What an edit
 * changes is shown while it is made; saving writes only that.
 */
import { Braces, ListTree } from 'lucide-react'
import { useState } from 'react'
import { shownText } from '../../../../contract/shown.ts'
import type { RulesEdit, RulesEffect, RulesView } from '../../../../contract/rules.ts'
import type { PatternsDraft } from '../../../../contract/plan.ts'
import type { PatternsPreview } from '../../../../contract/setup.ts'
import type { FolderState } from '../../../../contract/state.ts'
import { staleData } from '../../../connection/failure.ts'
import { bytes } from '../../../format/quantity.ts'
import { useAnswer } from '../../../store/use-answer.ts'
import { useWork, type Work } from '../../../store/use-work.ts'
import { strings } from '../../../strings.ts'
import { Button } from '../../../ui/button.tsx'
import { Callout } from '../../../ui/callout.tsx'
import { note, noteError } from '../../../ui/toasts.tsx'
import { useDelayed } from '../../../ui/use-delayed.ts'
import { cleaned, isSameDraft, places } from '../../patterns/draft.ts'
import { noteOf, PatternList, type PatternNote } from '../../patterns/pattern-list.tsx'
import { ConfigText } from './config-text.tsx'
import { EffectView } from './effect-view.tsx'

const texts = strings.rules

interface PatternsEditorProps {
  readonly folder: FolderState
  readonly view: RulesView
  readonly onView: (view: RulesView) => void
}

type Draft =
  | { readonly edit: 'patterns'; readonly shared: readonly string[]; readonly private: readonly string[] }
  | { readonly edit: 'text'; readonly text: string }

export function PatternsEditor({ folder, view, onView }: PatternsEditorProps) {
  const { id } = folder
  const work = useWork()
  const [draft, setDraft] = useState<Draft>(() => draftOf(view))
  // What the draft began from: an edit of the file elsewhere is followed unless something is edited here.
  const [origin, setOrigin] = useState(view)
  if (origin.token !== view.token && !differs(draft, origin)) {
    setOrigin(view)
    setDraft(draftOf(view, draft.edit))
  }
  const isDirty = differs(draft, view)
  // Nothing is asked, and nothing can be saved, until the typing rests: a button that is enabled stays so.
  const rested = useDelayed(draft)
  const asked = isDirty && differs(rested, view) ? nameOf(rested) : null
  const effect = useAnswer(asked === null ? null : `effect ${id} ${view.token} ${asked}`, 0, (host, signal) =>
    host.rules.previewChange({ folderId: id, edit: editOf(rested), token: view.token }, { signal }),
  )
  const preview = useAnswer(
    rested.edit === 'patterns' ? `uses ${id}` : null,
    usesKey(rested),
    (host, signal) =>
      host.setup.previewPatterns(
        { target: { folderId: id }, patterns: patternsOf(rested), limit: 1 },
        { signal },
      ),
  )
  const isEffectKnown = asked !== null && asked === nameOf(draft) && !effect.isAsking
  const save = () =>
    work.run(
      host => host.rules.save({ folderId: id, edit: editOf(draft), token: view.token }),
      saved => {
        onView(saved)
        setOrigin(saved)
        setDraft(draftOf(saved))
        note(texts.saved)
      },
      error => {
        const fresh = staleData(error)?.view
        if (fresh === undefined) return false
        // The edit stays; what it changes in the new file is shown before it can be saved.
        onView(fresh)
        setOrigin(fresh)
        if (fresh.fault !== null) setDraft(draftOf(fresh))
        noteError(texts.stale)
        return true
      },
    )
  return (
    <>
      {view.fault !== null && (
        <Callout tone="bad" title={texts.brokenTitle(view.configFile)} className="mb-5">
          <p>{shownText(view.fault.reason)}</p>
          <p>{texts.brokenText(view.fault.line, view.fault.column)}</p>
        </Callout>
      )}
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] items-start gap-8 max-[1000px]:gap-6 max-[900px]:grid-cols-1">
        <div>
          <Editor
            folder={folder}
            view={view}
            draft={draft}
            effect={isDirty ? effect.value : null}
            preview={preview.value}
            onDraft={setDraft}
          />
          <Foot
            view={view}
            draft={draft}
            isDirty={isDirty}
            canSave={isEffectKnown && effect.value?.fault === null}
            work={work}
            onSave={save}
            onDiscard={() => setDraft(draftOf(view, draft.edit))}
            onDraft={setDraft}
          />
        </div>
        <EffectView effect={isDirty ? effect : null} isText={draft.edit === 'text'} />
      </div>
    </>
  )
}

interface EditorProps {
  readonly folder: FolderState
  readonly view: RulesView
  readonly draft: Draft
  readonly effect: RulesEffect | null
  readonly preview: PatternsPreview | null
  readonly onDraft: (draft: Draft) => void
}

function Editor({ view, draft, effect, preview, onDraft }: EditorProps) {
  if (draft.edit === 'text') {
    const line = effect === null ? (view.fault?.line ?? null) : (effect.fault?.line ?? null)
    return (
      <ConfigText
        file={view.configFile}
        text={draft.text}
        faultLine={line}
        fault={effect?.fault?.reason ?? null}
        isFine={effect !== null && effect.fault === null}
        onChange={text => onDraft({ edit: 'text', text })}
      />
    )
  }
  return (
    <div className="flex flex-col gap-6">
      <PatternList
        kind="shared"
        hint={texts.sharedHint}
        patterns={draft.shared}
        notes={notesOf('shared', draft.shared, effect, preview)}
        onChange={shared => onDraft({ ...draft, shared })}
      />
      <PatternList
        kind="private"
        hint={texts.privateHint(view.userId)}
        patterns={draft.private}
        notes={notesOf('private', draft.private, effect, preview)}
        onChange={own => onDraft({ ...draft, private: own })}
      />
      <p className="text-sm text-ink-3">{texts.help}</p>
      <MoreSettings view={view} />
    </div>
  )
}

/** What else the file says of sync. It is edited in the file itself. */
function MoreSettings({
  view: { conflictPolicy, expectDeletes, maxFileBytes },
}: {
  readonly view: RulesView
}) {
  if (conflictPolicy.length === 0 && expectDeletes.length === 0 && maxFileBytes === null) return null
  return (
    <section aria-label={texts.more} className="border-t border-line pt-4">
      <h3 className="text-sm font-medium text-ink-2">{texts.more}</h3>
      <ul className="mt-2 flex flex-col gap-1 text-sm">
        {conflictPolicy.map(({ pattern, policy }) => (
          <li key={`${pattern} ${policy}`}>
            <code className="font-mono text-xs break-all">{pattern}</code> {texts.policies[policy] ?? policy}
          </li>
        ))}
        {expectDeletes.map(({ pattern }) => (
          <li key={pattern}>
            <code className="font-mono text-xs break-all">{pattern}</code> {texts.expectDeletes}
          </li>
        ))}
        {maxFileBytes !== null && <li>{texts.maxFileBytes(bytes(maxFileBytes))}</li>}
      </ul>
    </section>
  )
}

function notesOf(
  list: 'shared' | 'private',
  patterns: readonly string[],
  effect: RulesEffect | null,
  preview: PatternsPreview | null,
): (PatternNote | undefined)[] {
  const fault = effect?.fault ?? null
  return places(patterns).map((place, index) => {
    if (place === null) return undefined
    if (fault !== null && fault.list === list && fault.index === place)
      return { fault: fault.reason, words: null, meant: null }
    return noteOf(preview?.[list][place], patterns[index]!)
  })
}

interface FootProps {
  readonly view: RulesView
  readonly draft: Draft
  readonly isDirty: boolean
  readonly canSave: boolean
  readonly work: Work
  readonly onSave: () => void
  readonly onDiscard: () => void
  readonly onDraft: (draft: Draft) => void
}

function Foot({ view, draft, isDirty, canSave, work, onSave, onDiscard, onDraft }: FootProps) {
  const isText = draft.edit === 'text'
  return (
    <>
      <div className="mt-6 flex flex-wrap items-center gap-2">
        <Button kind="primary" disabled={!canSave} busy={work.isBusy} onClick={onSave}>
          {texts.save}
        </Button>
        {isDirty && (
          <Button kind="quiet" onClick={onDiscard}>
            {texts.discard}
          </Button>
        )}
        {!isDirty && view.fault === null && (
          <Button
            kind="quiet"
            icon={isText ? ListTree : Braces}
            onClick={() => onDraft(draftOf(view, isText ? 'patterns' : 'text'))}
          >
            {isText ? texts.asLists : texts.asText}
          </Button>
        )}
      </div>
      {work.failure !== null && (
        <Callout live tone="bad" title={strings.failure.title} className="mt-3">
          {work.failure}
        </Callout>
      )}
    </>
  )
}

function draftOf(view: RulesView, as: Draft['edit'] = 'patterns'): Draft {
  if (view.fault !== null || as === 'text') return { edit: 'text', text: view.text }
  const patterns = (list: RulesView['shared']) => list.map(({ pattern }) => pattern)
  return { edit: 'patterns', shared: patterns(view.shared), private: patterns(view.private) }
}

function editOf(draft: Draft): RulesEdit {
  if (draft.edit === 'text') return draft
  const patterns = cleaned({ shared: [...draft.shared], private: [...draft.private] })
  return { edit: 'patterns', patterns }
}

/** Two drafts that save the same have the same name. */
/** What a draft of the text has is known once it is saved. */
function patternsOf(draft: Draft): PatternsDraft {
  if (draft.edit === 'text') return { shared: [], private: [] }
  return cleaned({ shared: [...draft.shared], private: [...draft.private] })
}

function usesKey(draft: Draft): string {
  return JSON.stringify(patternsOf(draft))
}

function nameOf(draft: Draft): string {
  return JSON.stringify(editOf(draft))
}

function differs(draft: Draft, view: RulesView): boolean {
  if (draft.edit === 'text') return draft.text !== view.text
  const now = draftOf(view)
  if (now.edit === 'text') return true
  return !isSameDraft(
    { shared: [...draft.shared], private: [...draft.private] },
    { shared: [...now.shared], private: [...now.private] },
  )
}
