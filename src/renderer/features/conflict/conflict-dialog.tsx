/** One conflict after another (R6): seen from both sides, resolved, and on to the next. */
import { ChevronLeft, ChevronRight, CircleCheck } from 'lucide-react'
import { useState } from 'react'
import type { ConflictRow } from '../../../contract/conflicts.ts'
import type { FolderState } from '../../../contract/state.ts'
import { failureCode } from '../../connection/failure.ts'
import { nameOf } from '../../format/path.ts'
import { folderRoute, replaceRoute } from '../../store/route.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Empty } from '../../ui/empty.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { NameText } from '../../ui/name-text.tsx'
import { note } from '../../ui/toasts.tsx'
import { ConflictBody } from './conflict-body.tsx'

const texts = strings.conflict

/** The most that one answer brings; when these are resolved, the next ones have moved up. */
const LISTED = 500

interface ConflictDialogProps {
  readonly folder: FolderState
  readonly path: string
  readonly onClose: () => void
}

export function ConflictDialog({ folder, path, onClose }: ConflictDialogProps) {
  const { id } = folder
  const revision = folder.revisions.conflicts
  const list = useAnswer(`open conflicts ${id}`, revision, (host, signal) =>
    host.conflicts.list({ folderId: id, limit: LISTED }, { signal }),
  )
  const rows = list.value?.rows ?? []
  const index = rows.findIndex(row => row.path === path)
  // A conflict that has ended is in no list any more, but its dialog stays until the person goes on.
  const [channel, setChannel] = useState<ConflictRow['channel']>('shared')
  const listed = rows[index]
  if (listed !== undefined && listed.channel !== channel) setChannel(listed.channel)
  const one = { folderId: id, path, channel: listed?.channel ?? channel }
  const detail = useAnswer(
    list.value === null ? null : `conflict ${id} ${one.channel} ${path}`,
    revision,
    (host, signal) => host.conflicts.get(one, { signal }),
  )
  const show = (row: ConflictRow | undefined) => {
    if (row === undefined) onClose()
    else replaceRoute(folderRoute(id, 'conflicts', row.path))
  }
  const others = rows.filter(row => row.path !== path)
  const following = rows[index + 1] ?? others.at(0)
  const onResolved = (words: string) => {
    note(words, others.length === 0 ? texts.allDone : undefined)
    show(following)
  }
  // Which of the listed ones were alike only the host knows.
  const work = useWork()
  const onAllResolved = (words: string) =>
    work.run(
      host => host.conflicts.list({ folderId: id, limit: 1 }),
      left => {
        note(words, left.total === 0 ? texts.allDone : undefined)
        show(left.rows[0])
      },
    )
  const [isAnswering, setAnswering] = useState(false)
  const hasEnded = !isAnswering && detail.error !== null && failureCode(detail.error) === 'NOT_FOUND'
  return (
    <Dialog
      open
      onClose={onClose}
      size="full"
      padded={false}
      title={<NameText name={nameOf(path)} />}
      description={<NameText name={path} />}
      actions={
        index >= 0 &&
        rows.length > 1 && (
          <div className="mr-2 flex items-center gap-1">
            <span className="pr-1 text-sm text-ink-2">
              {texts.position(index + 1, list.value?.total ?? rows.length)}
            </span>
            <IconButton
              icon={ChevronLeft}
              label={texts.previous}
              disabled={index <= 0}
              onClick={() => show(rows[index - 1])}
            />
            <IconButton
              icon={ChevronRight}
              label={texts.next}
              disabled={index >= rows.length - 1}
              onClick={() => show(rows[index + 1])}
            />
          </div>
        )
      }
    >
      {hasEnded && (
        <Empty
          icon={CircleCheck}
          title={texts.ended}
          action={
            <Button onClick={() => show(others[0])}>
              {others.length > 0 ? texts.next : strings.common.close}
            </Button>
          }
        >
          {texts.endedDetail}
        </Empty>
      )}
      {!hasEnded && detail.value !== null && (
        <ConflictBody
          key={`${one.channel} ${path}`}
          detail={detail.value}
          onDetail={detail.replace}
          onEnded={detail.again}
          onBusy={setAnswering}
          onResolved={onResolved}
          onAllResolved={onAllResolved}
          onClose={onClose}
        />
      )}
      {!hasEnded && detail.value === null && (detail.error !== null || list.error !== null) && (
        <div className="p-6">
          <LoadFailure
            error={detail.error ?? list.error}
            again={() => {
              list.again()
              detail.again()
            }}
          />
        </div>
      )}
      {detail.value === null && detail.error === null && list.error === null && (
        <Waiting>{strings.common.loading}</Waiting>
      )}
    </Dialog>
  )
}
