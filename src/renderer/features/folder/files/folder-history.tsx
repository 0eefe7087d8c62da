/** What sync has put aside in the whole folder, newest first: the way back to a file that is gone. */
import { useState } from 'react'
import type { HistoryVersion } from '../../../../contract/files.ts'
import type { FolderState } from '../../../../contract/state.ts'
import { useAnswer } from '../../../store/use-answer.ts'
import { strings } from '../../../strings.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { LoadFailure } from '../../../ui/load-failure.tsx'
import { Waiting } from '../../../ui/spinner.tsx'
import { VersionDialog } from './version-dialog.tsx'
import { VersionRow } from './version-row.tsx'

const texts = strings.history

/** A screenful and some more; older ones come on demand, as many as one answer brings. */
const PAGE = 100
const MOST = 500

interface FolderHistoryProps {
  readonly folder: FolderState
  readonly onClose: () => void
}

export function FolderHistory({ folder, onClose }: FolderHistoryProps) {
  const [shown, setShown] = useState<HistoryVersion | null>(null)
  const [limit, setLimit] = useState(PAGE)
  const answer = useAnswer(`history of ${folder.id}`, `${folder.revisions.files} ${limit}`, (host, signal) =>
    host.files.history({ folderId: folder.id, path: null, limit }, { signal }),
  )
  const versions = answer.value?.versions ?? []
  const hasMore = answer.value !== null && answer.value.total > versions.length && limit < MOST
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title={texts.ofFolder}
      description={texts.ofFolderDetail}
      footer={<Button onClick={onClose}>{strings.common.close}</Button>}
    >
      {answer.error !== null && answer.value === null && (
        <LoadFailure error={answer.error} again={answer.again} />
      )}
      {answer.value === null && answer.error === null && <Waiting>{strings.common.loading}</Waiting>}
      {answer.value !== null && versions.length === 0 && <p className="text-ink-2">{texts.noneOfFolder}</p>}
      <ol aria-label={texts.ofFolder} className="-mx-2">
        {versions.map(version => (
          <li key={`${version.channel} ${version.path} ${version.version}`}>
            <VersionRow withPath version={version} onOpen={() => setShown(version)} />
          </li>
        ))}
      </ol>
      {hasMore && (
        <Button size="sm" kind="quiet" className="mt-1" onClick={() => setLimit(MOST)}>
          {strings.common.showOlder}
        </Button>
      )}
      {shown !== null && <VersionDialog folder={folder} version={shown} onClose={() => setShown(null)} />}
    </Dialog>
  )
}
