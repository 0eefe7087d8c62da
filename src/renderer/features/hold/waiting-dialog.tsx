/** Files that wait for their content (R10.6): a person looks at each before it comes, or trusts its path from then on. */
import { FileCog } from 'lucide-react'
import { useState } from 'react'
import type { WaitingRow } from '../../../contract/files.ts'
import type { FolderState } from '../../../contract/state.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Empty } from '../../ui/empty.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { PathText } from '../../ui/path-text.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { Ago } from '../../ui/time.tsx'
import { WaitingContent } from './waiting-content.tsx'

const texts = strings.waiting

/** The most that one answer brings; further rows come on demand. */
const PAGE = 500

interface WaitingDialogProps {
  readonly folder: FolderState
  readonly onClose: () => void
}

export function WaitingDialog({ folder, onClose }: WaitingDialogProps) {
  const { id } = folder
  const [path, setPath] = useState<string | null>(null)
  const answer = useAnswer(`waiting ${id}`, folder.revisions.holds, (host, signal) =>
    host.holds.waiting({ folderId: id, offset: 0, limit: PAGE }, { signal }),
  )
  if (path !== null)
    return <WaitingContent folder={folder} path={path} onBack={() => setPath(null)} onClose={onClose} />
  const waiting = answer.value
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title={texts.title}
      description={texts.description}
      footer={<Button onClick={onClose}>{strings.common.close}</Button>}
    >
      {waiting === null && answer.error === null && <Waiting>{strings.common.loading}</Waiting>}
      {waiting === null && answer.error !== null && <LoadFailure error={answer.error} again={answer.again} />}
      {waiting?.total === 0 && (
        <Empty icon={FileCog} title={texts.none}>
          {texts.noneDetail}
        </Empty>
      )}
      {waiting !== null && waiting.total > 0 && (
        <>
          <Rows rows={waiting.rows} onLook={setPath} />
          {waiting.total > waiting.rows.length && (
            <p className="mt-2 text-sm text-ink-2">
              {strings.common.andMore(waiting.total - waiting.rows.length)}
            </p>
          )}
        </>
      )}
    </Dialog>
  )
}

interface RowsProps {
  readonly rows: readonly WaitingRow[]
  readonly onLook: (path: string) => void
}

function Rows({ rows, onLook }: RowsProps) {
  return (
    <div
      role="group"
      aria-label={texts.list}
      // The list scrolls by the keyboard too.
      tabIndex={0}
      className="max-h-[50vh] overflow-y-auto rounded-lg border border-line outline-offset-[-2px]"
    >
      <ol className="divide-y divide-line">
        {rows.map(({ path, channel, why, since }) => (
          <li key={`${channel} ${path}`} className="flex items-center gap-4 px-4 py-3">
            <div className="min-w-0 flex-1">
              <PathText path={path} />
              <p className="mt-0.5 text-sm text-ink-2">
                {why} <span className="text-ink-3">{texts.since}</span> <Ago time={since} />
              </p>
            </div>
            <Button size="sm" aria-label={texts.look(path)} onClick={() => onLook(path)}>
              {texts.lookShort}
            </Button>
          </li>
        ))}
      </ol>
    </div>
  )
}
