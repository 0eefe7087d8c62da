/** What would be deleted or replaced and why it was held (R8): keep the files, or allow exactly what is shown. */
import { Hand, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { shownText } from '../../../contract/shown.ts'
import type { HoldGroup, HoldRow } from '../../../contract/files.ts'
import type { FolderState } from '../../../contract/state.ts'
import { staleData } from '../../connection/failure.ts'
import { count } from '../../format/quantity.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Empty } from '../../ui/empty.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { PathText } from '../../ui/path-text.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { Ago } from '../../ui/time.tsx'
import { note } from '../../ui/toasts.tsx'
import { DecisionNotes } from './decision-notes.tsx'
import { SecretFiles } from './secret-files.tsx'

const texts = strings.hold

/** The most that one answer brings; further rows come on demand. */
const PAGE = 500

interface HoldDialogProps {
  readonly folder: FolderState
  readonly onClose: () => void
}

export function HoldDialog({ folder, onClose }: HoldDialogProps) {
  const { id } = folder
  const [pages, setPages] = useState(1)
  /** What is asked about: the files that were shown then, whatever is held by the time of the answer. */
  const [asked, setAsked] = useState<{ readonly token: string; readonly total: number } | null>(null)
  const [isStale, setStale] = useState(false)
  const work = useWork()
  const answer = useAnswer(`holds ${id}`, `${folder.revisions.holds} ${pages}`, async (host, signal) => {
    const offsets = Array.from({ length: pages }, (_, page) => page * PAGE)
    const answers = await Promise.all(
      offsets.map(offset => host.holds.list({ folderId: id, offset, limit: PAGE }, { signal })),
    )
    return { ...answers[0], rows: answers.flatMap(({ rows }) => rows) }
  })
  const held = answer.value
  const total = held?.total ?? 0
  // Each of these is decided about for itself.
  const secrets = (held?.groups ?? []).reduce(
    (sum, { reason, count }) => sum + (reason === 'secret' ? count : 0),
    0,
  )
  const others = total - secrets
  const token = held?.token ?? ''
  // Of what has gone already, restoring alone decides.
  const goneBefore = (held?.groups ?? []).reduce(
    (sum, { kind, count }) => sum + (kind === 'gone' ? count : 0),
    0,
  )
  const kind = held?.groups?.some(group => group.kind === 'change') === true ? 'change' : 'delete'
  const decide = (decision: 'approve' | 'restore', token: string) => {
    setStale(false)
    work.run(
      host => host.holds[decision]({ folderId: id, token }),
      ({ done, waiting }) => {
        setAsked(null)
        const words = decision === 'approve' ? texts.approved[kind](done) : texts.restored(done)
        note(words, waiting > 0 ? texts.waiting(waiting) : undefined)
        onClose()
      },
      error => {
        if (staleData(error) === null) return false
        setAsked(null)
        setStale(true)
        answer.again()
        return true
      },
    )
  }
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title={total > 0 && others === 0 ? texts.secrets.title : texts.titles[kind]}
      description={total > 0 && others === 0 ? texts.secrets.description : texts.description}
      footer={
        total > 0 && (
          <>
            {others > 0 && (
              <Button
                kind="quiet-danger"
                className="mr-auto -ml-3"
                onClick={() => setAsked({ token, total: others - goneBefore })}
              >
                {texts.approve[kind](others - goneBefore)}
              </Button>
            )}
            <Button onClick={onClose}>{strings.conflict.notNow}</Button>
            {others > 0 && (
              <Button
                kind="primary"
                icon={Undo2}
                busy={work.isBusy && asked === null}
                title={texts.restoreHint}
                onClick={() => decide('restore', token)}
              >
                {texts.restore}
              </Button>
            )}
          </>
        )
      }
    >
      <DecisionNotes stale={isStale ? texts.stale : null} failure={work.failure} />
      {held === null && answer.error === null && <Waiting>{strings.common.loading}</Waiting>}
      {held === null && answer.error !== null && <LoadFailure error={answer.error} again={answer.again} />}
      {held !== null && total === 0 && (
        <Empty icon={Hand} title={texts.none}>
          {texts.noneDetail}
        </Empty>
      )}
      {held !== null && total > 0 && (
        <>
          <Groups groups={held.groups ?? []} />
          {secrets > 0 && (
            <SecretFiles
              folderId={id}
              rows={held.rows.filter(({ reason }) => reason === 'secret')}
              token={token}
              onStale={() => {
                setStale(true)
                answer.again()
              }}
            />
          )}
          {others > 0 && <Rows rows={held.rows.filter(({ reason }) => reason !== 'secret')} />}
          {total > held.rows.length && (
            <Button size="sm" kind="quiet" className="mt-2" onClick={() => setPages(number => number + 1)}>
              {strings.common.andMore(total - held.rows.length)}
            </Button>
          )}
        </>
      )}
      <Confirm
        open={asked !== null}
        onClose={() => setAsked(null)}
        onConfirm={() => asked !== null && decide('approve', asked.token)}
        busy={work.isBusy}
        danger
        title={texts.confirmTitle[kind](asked?.total ?? others - goneBefore)}
        action={texts.confirmAction[kind]}
      >
        <p>{texts.confirmText}</p>
      </Confirm>
    </Dialog>
  )
}

/** What waits for its content lies on the other side than it would come to. */
function isHere({ kind, side }: HoldGroup): boolean {
  return (side === 'local') === (kind !== 'content')
}

function Groups({ groups }: { readonly groups: readonly HoldGroup[] }) {
  return (
    <div className="flex flex-col gap-2">
      {groups.map(group => (
        <Callout key={`${group.kind} ${group.side} ${group.reason}`} tone="warn" icon={Hand}>
          <p className="text-ink">{shownText(group.message)}</p>
          <p className="mt-1 text-sm">
            {strings.common.files(group.count)} {isHere(group) ? texts.here : texts.there}, {texts.since}{' '}
            <Ago time={group.since} />
          </p>
        </Callout>
      ))}
    </div>
  )
}

function Rows({ rows }: { readonly rows: readonly HoldRow[] }) {
  return (
    <div
      role="group"
      aria-label={texts.list}
      // The list scrolls by the keyboard too.
      tabIndex={0}
      className="mt-4 max-h-[40vh] overflow-y-auto rounded-lg border border-line outline-offset-[-2px]"
    >
      <ol className="divide-y divide-line">
        {rows.map((row, index) => (
          <li key={`${row.side} ${row.channel} ${row.path}`} className="flex h-9 items-center gap-3 px-3">
            <span className="w-6 shrink-0 text-right text-xs text-ink-3">{count(index + 1)}</span>
            <PathText path={row.path} className="flex-1" />
            <span className="shrink-0 text-sm text-ink-3">
              {texts.kinds[row.kind]} {row.side === 'local' ? texts.here : texts.there}
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}
