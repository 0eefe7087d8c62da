/** One file beside the list: its state and reason, what decided it, and its earlier versions. */
import { Copy, ExternalLink, FolderSearch, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { shownName } from '../../../../contract/shown.ts'
import type { HistoryVersion } from '../../../../contract/files.ts'
import type { FolderState } from '../../../../contract/state.ts'
import { attempt } from '../../../connection/attempt.ts'
import { folderOf, nameOf } from '../../../format/path.ts'
import { useAppState } from '../../../store/app.ts'
import { folderRoute, go, holdRoute } from '../../../store/route.ts'
import { useAnswer } from '../../../store/use-answer.ts'
import { strings } from '../../../strings.ts'
import { Button, IconButton } from '../../../ui/button.tsx'
import { LoadFailure } from '../../../ui/load-failure.tsx'
import { Waiting } from '../../../ui/spinner.tsx'
import { NameText } from '../../../ui/name-text.tsx'
import { note } from '../../../ui/toasts.tsx'
import { ExplanationView } from '../explanation-view.tsx'
import { VersionDialog } from './version-dialog.tsx'
import { VersionRow } from './version-row.tsx'

const texts = strings.files

interface FilePanelProps {
  readonly folder: FolderState
  readonly path: string
  readonly onClose: () => void
}

export function FilePanel({ folder, path, onClose }: FilePanelProps) {
  const { id } = folder
  const explanation = useAnswer(`explain ${id} ${path}`, folder.revisions.files, (host, signal) =>
    host.files.explain({ folderId: id, path }, { signal }),
  )
  return (
    // Escape closes it from wherever the focus is in it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      aria-label={`${texts.details}: ${shownName(path)}`}
      onKeyDown={event => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose()
      }}
      className="flex w-[368px] shrink-0 animate-appear flex-col border-l border-line bg-raised max-[1000px]:w-[336px] max-[900px]:absolute max-[900px]:inset-y-0 max-[900px]:right-0 max-[900px]:z-20 max-[900px]:shadow-dialog"
    >
      <header className="flex items-start gap-2 px-5 pt-4 pb-3">
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold break-words">
            <NameText name={nameOf(path)} />
          </h2>
          <p className="text-sm break-words text-ink-3">
            <NameText name={folderOf(path)} />
          </p>
        </div>
        <IconButton icon={X} label={texts.closeDetails} size="sm" onClick={onClose} className="-mr-1" />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-8">
        <FileActions id={id} path={path} />
        {explanation.error !== null && explanation.value === null && (
          <LoadFailure error={explanation.error} again={explanation.again} />
        )}
        {explanation.value === null && explanation.error === null && (
          <Waiting>{strings.common.loading}</Waiting>
        )}
        {explanation.value !== null && (
          <ExplanationView explanation={explanation.value}>
            {explanation.value.state === 'conflict' && (
              <Button kind="primary" onClick={() => go(folderRoute(id, 'conflicts', path))}>
                {texts.resolve}
              </Button>
            )}
            {explanation.value.state === 'held' && folder.holds + folder.waiting > 0 && (
              <Button onClick={() => go(holdRoute(id, folder.holds > 0 ? 'changes' : 'contents'))}>
                {texts.reviewHold}
              </Button>
            )}
          </ExplanationView>
        )}
        <FileHistory folder={folder} path={path} />
      </div>
    </section>
  )
}

function FileActions({ id, path }: { readonly id: string; readonly path: string }) {
  const canOpen = useAppState()?.shell.canOpen ?? false
  const target = { folderId: id, path }
  return (
    <div className="flex flex-wrap gap-2 pb-4">
      {canOpen && (
        <>
          <Button size="sm" icon={ExternalLink} onClick={() => attempt(host => host.shell.open(target))}>
            {strings.common.open}
          </Button>
          <Button size="sm" icon={FolderSearch} onClick={() => attempt(host => host.shell.reveal(target))}>
            {strings.common.reveal}
          </Button>
        </>
      )}
      <Button
        size="sm"
        icon={Copy}
        onClick={() => {
          attempt(
            () => navigator.clipboard.writeText(path),
            () => note(strings.common.copied, path),
          )
        }}
      >
        {strings.common.copyPath}
      </Button>
    </div>
  )
}

/** As many versions as a person scans by eye; older ones come on demand. */
const PAGE = 20

function FileHistory({ folder, path }: { readonly folder: FolderState; readonly path: string }) {
  const [shown, setShown] = useState<HistoryVersion | null>(null)
  const [limit, setLimit] = useState(PAGE)
  const opener = useRef<HTMLButtonElement | null>(null)
  const answer = useAnswer(
    `history ${folder.id} ${path}`,
    `${folder.revisions.files} ${limit}`,
    (host, signal) => host.files.history({ folderId: folder.id, path, limit }, { signal }),
  )
  useEffect(() => {
    if (shown === null) opener.current?.focus()
  }, [shown])
  const versions = answer.value?.versions ?? []
  return (
    <section className="mt-6 border-t border-line pt-5">
      <h3 className="text-sm font-semibold">{strings.history.title}</h3>
      {answer.error !== null && answer.value === null && (
        <LoadFailure error={answer.error} again={answer.again} />
      )}
      {answer.value !== null && versions.length === 0 && (
        <p className="mt-2 text-sm text-ink-2">{strings.history.none}</p>
      )}
      <ol className="mt-2 -mx-2">
        {versions.map(version => (
          <li key={version.version}>
            <VersionRow
              version={version}
              onOpen={button => {
                opener.current = button
                setShown(version)
              }}
            />
          </li>
        ))}
      </ol>
      {answer.value !== null && answer.value.total > versions.length && (
        <Button size="sm" kind="quiet" className="mt-1" onClick={() => setLimit(number => number + 4 * PAGE)}>
          {strings.common.showOlder}
        </Button>
      )}
      {shown !== null && <VersionDialog folder={folder} version={shown} onClose={() => setShown(null)} />}
    </section>
  )
}
