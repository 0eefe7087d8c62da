/** The open conflicts of this folder, oldest first. A row opens the dialog. */
import { GitCompareArrows } from 'lucide-react'
import { shownName } from '../../../contract/shown.ts'
import type { ConflictRow } from '../../../contract/conflicts.ts'
import type { FolderState } from '../../../contract/state.ts'
import { folderRoute, go } from '../../store/route.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { Card } from '../../ui/page.tsx'
import { PathText } from '../../ui/path-text.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { Ago } from '../../ui/time.tsx'

const texts = strings.conflicts

/** More than a person goes through by hand; the dialog leads on to the rest. */
const SHOWN = 500

export function ConflictsTab({ folder }: { readonly folder: FolderState }) {
  const { id } = folder
  const answer = useAnswer(`conflicts ${id}`, folder.revisions.conflicts, (host, signal) =>
    host.conflicts.list({ folderId: id, limit: SHOWN }, { signal }),
  )
  if (answer.value === null) {
    if (answer.error === null) return <Waiting>{strings.common.loading}</Waiting>
    return (
      <div className="p-8">
        <LoadFailure error={answer.error} again={answer.again} />
      </div>
    )
  }
  const { rows, total } = answer.value
  const [first] = rows
  if (first === undefined) {
    return (
      <Empty icon={GitCompareArrows} title={texts.none}>
        {texts.noneDetail}
      </Empty>
    )
  }
  return (
    <div className="h-full overflow-y-auto">
      <div className="max-w-[1056px] px-8 pt-4 pb-16 max-[1000px]:px-6">
        <div className="flex items-center justify-between pb-3">
          <p className="text-ink-2">{strings.needs.conflictsDetail}</p>
          {rows.length > 1 && (
            <Button kind="primary" onClick={() => go(folderRoute(id, 'conflicts', first.path))}>
              {texts.resolveAll}
            </Button>
          )}
        </div>
        <Card>
          <ul className="divide-y divide-line">
            {rows.map(row => (
              <Conflict key={`${row.channel} ${row.path}`} row={row} />
            ))}
          </ul>
        </Card>
        {total > rows.length && (
          <p className="mt-3 text-sm text-ink-3">{strings.common.andMore(total - rows.length)}</p>
        )}
      </div>
    </div>
  )
}

function Conflict({ row }: { readonly row: ConflictRow }) {
  return (
    <li className="flex items-center gap-4 px-4 py-3">
      <GitCompareArrows aria-hidden className="size-4 shrink-0 text-warn" strokeWidth={2} />
      <div className="min-w-0 flex-1">
        <PathText path={row.path} className="font-medium" />
        <p className="mt-0.5 flex flex-wrap gap-x-4 text-sm text-ink-3">
          <Changed label={texts.changedHere} time={row.localChangedAt} />
          <Changed label={texts.changedThere} time={row.remoteChangedAt} />
        </p>
      </div>
      <Button
        aria-label={`${texts.resolve}: ${shownName(row.path)}`}
        onClick={() => go(folderRoute(row.folderId, 'conflicts', row.path))}
      >
        {texts.resolve}
      </Button>
    </li>
  )
}

function Changed({ label, time }: { readonly label: string; readonly time: number | null }) {
  return (
    <span>
      {label}: {time === null ? texts.deleted : <Ago time={time} />}
    </span>
  )
}
