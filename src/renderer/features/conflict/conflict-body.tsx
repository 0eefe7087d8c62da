/**
 * What both sides hold and the ways to resolve it. Every answer names the contents that were shown; where one
 * of them has changed, nothing is done and the new contents are shown instead.
 */
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { shownName } from '../../../contract/shown.ts'
import type { ConflictDetail, Take } from '../../../contract/conflicts.ts'
import type { HostClient } from '../../../contract/contract.ts'
import { staleData } from '../../connection/failure.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Callout } from '../../ui/callout.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { note, noteError } from '../../ui/toasts.tsx'
import { ConflictFooter } from './conflict-footer.tsx'
import { type DoubtSide, Doubts } from './doubts.tsx'
import { Sides } from './sides.tsx'

const MergeEditor = lazy(async () => ({ default: (await import('./merge-editor.tsx')).MergeEditor }))

const texts = strings.conflict

/** A click that comes sooner after newer contents have appeared was meant for the older ones. Milliseconds. */
const UNSEEN_MS = 600

type View = 'choose' | 'edit'
type Choices = ReadonlyMap<string, DoubtSide>

interface ConflictBodyProps {
  readonly detail: ConflictDetail
  readonly onDetail: (detail: ConflictDetail) => void
  readonly onEnded: () => void
  /** An answer is under way, which may end the conflict before it comes back. */
  readonly onBusy: (isBusy: boolean) => void
  readonly onResolved: (words: string) => void
  /** This one and others with it. */
  readonly onAllResolved: (words: string) => void
  readonly onClose: () => void
}

export function ConflictBody(props: ConflictBodyProps) {
  const { detail, onDetail, onEnded, onBusy, onResolved, onAllResolved, onClose } = props
  const { folderId, path, channel, token, doubts } = detail
  const one = { folderId, path, channel }
  const views = viewsOf(detail)
  const [view, setView] = useState<View | null>(views[0] ?? null)
  const [choices, setChoices] = useState<Choices>(new Map())
  const [edited, setEdited] = useState<string | null>(null)
  const [forAll, setForAll] = useState(false)
  // The contents that are judged here. Newer ones are shown, said, and choices begin anew.
  const [seen, setSeen] = useState(token)
  const [hasChanged, setChanged] = useState(false)
  if (seen !== token) {
    setSeen(token)
    setChanged(true)
    setChoices(new Map())
    setForAll(false)
  }
  const renewedAt = useRef(-Infinity)
  const first = useRef(token)
  useEffect(() => {
    if (token !== first.current) renewedAt.current = performance.now()
  }, [token])
  const work = useWork()
  useEffect(() => {
    onBusy(work.isBusy)
    return () => onBusy(false)
  }, [work.isBusy, onBusy])
  const shownView = view !== null && views.includes(view) ? view : (views[0] ?? null)
  const isUnseen = () => performance.now() - renewedAt.current < UNSEEN_MS
  const resolve = (choice: Take) => {
    // Choices began anew with the newer contents, so they are about these.
    if (choice.take !== 'choices' && isUnseen()) return
    work.run(
      host => host.conflicts.resolve({ ...one, token, choice }),
      () => onResolved(texts.resolved(path)),
      error => {
        const stale = staleData(error)
        if (stale?.detail === undefined) return false
        if (stale.detail === null) onEnded()
        else onDetail(stale.detail)
        return true
      },
    )
  }
  const keep = (take: 'local' | 'remote' | 'both') => {
    if (!forAll) return resolve({ take })
    if (isUnseen()) return
    work.run(
      (host: HostClient) => host.conflicts.resolveAlike({ ...one, take }),
      ({ resolved, changed, failed }) => {
        if (changed > 0) note(texts.leftOpen(changed))
        const [first] = failed
        if (first !== undefined)
          noteError(texts.failedAlike(failed.length), `${shownName(first.path)}: ${first.message}`)
        onAllResolved(texts.resolvedAlike(resolved))
      },
    )
  }
  const viewSwitch = views.length > 1 && shownView !== null && (
    <Segmented
      className="self-start"
      label={texts.view}
      value={shownView}
      options={views.map(value => ({ value, label: texts.views[value] }))}
      onChange={setView}
    />
  )
  return (
    <div className="flex h-full flex-col">
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-6 pb-4">
        {hasChanged && (
          <Callout live tone="warn" title={texts.staleTitle}>
            {texts.stale} {edited !== null && texts.staleEdited}
          </Callout>
        )}
        {work.failure !== null && (
          <Callout live tone="bad" title={strings.failure.title}>
            {work.failure}
          </Callout>
        )}
        <Sides detail={detail} />
        {shownView === 'choose' && viewSwitch}
        {shownView === null && <Unshown detail={detail} />}
        {shownView === 'edit' && <WhyWhole detail={detail} />}
        {shownView === 'choose' && (
          <Doubts
            doubts={doubts}
            local={textOf(detail.local)}
            merged={detail.merged}
            choices={choices}
            onChoose={(pointer, side) => setChoices(new Map(choices).set(pointer, side))}
          />
        )}
        {shownView === 'edit' && (
          <Suspense fallback={<Waiting>{strings.common.loading}</Waiting>}>
            <MergeEditor
              key={token}
              detail={detail}
              text={edited ?? startOf(detail)}
              onText={setEdited}
              toolbar={viewSwitch}
            />
          </Suspense>
        )}
      </div>
      <ConflictFooter
        detail={detail}
        view={shownView}
        left={doubts.filter(doubt => !choices.has(doubt.pointer)).length}
        isEdited={edited !== null && edited !== textOf(detail.local) && edited !== textOf(detail.remote)}
        isBusy={work.isBusy}
        forAll={forAll}
        onForAll={setForAll}
        onKeep={keep}
        onChoices={() =>
          resolve({ take: 'choices', choices: [...choices].map(([pointer, side]) => ({ pointer, side })) })
        }
        onMerged={() => resolve({ take: 'merged' })}
        onEdited={() => resolve({ take: 'content', content: edited ?? startOf(detail) })}
        onClose={onClose}
      />
    </div>
  )
}

/** The first is where one begins. */
function viewsOf(detail: ConflictDetail): View[] {
  const isShown = [detail.local, detail.remote].every(side => side === null || side.body.kind === 'text')
  if (detail.kind === 'binary' || !isShown) return []
  // Of a file that is in doubt as a whole there is nothing to choose but a side, which the buttons below do.
  if (detail.doubts.length === 0 || detail.doubts.some(doubt => doubt.kind === 'file')) return ['edit']
  // Values are chosen quickest; lines are understood best in the text around them.
  return detail.kind === 'json' ? ['choose', 'edit'] : ['edit', 'choose']
}

function textOf(side: ConflictDetail['local']): string | null {
  return side?.body.kind === 'text' ? side.body.text : null
}

/** With what the editing begins: all that could be merged is. */
function startOf(detail: ConflictDetail): string {
  return detail.merged ?? textOf(detail.local) ?? textOf(detail.remote) ?? ''
}

/** Why nothing could be merged, where that is so. */
function WhyWhole({ detail }: { readonly detail: ConflictDetail }) {
  const reason = detail.doubts.find(doubt => doubt.kind === 'file')?.reason ?? null
  if (reason === null) return null
  return <p className="text-ink-2">{texts.reasons[reason] ?? texts.notMerged}</p>
}

function Unshown({ detail }: { readonly detail: ConflictDetail }) {
  return <p className="py-8 text-center text-ink-2">{whyUnshown(detail)}</p>
}

function whyUnshown({ local, remote }: ConflictDetail): string {
  if (local === null || remote === null) return texts.oneSided
  return [local, remote].some(side => side.body.kind === 'binary') ? texts.binary : texts.large
}
