/** All files of the sync set: searched, filtered by state, and one of them explained beside the list. */
import { FileSearch, Files } from 'lucide-react'
import { useRef, useState } from 'react'
import type { FileState } from '../../../../contract/files.ts'
import type { FolderState } from '../../../../contract/state.ts'
import { count } from '../../../format/quantity.ts'
import { folderRoute, go, replaceRoute } from '../../../store/route.ts'
import { strings } from '../../../strings.ts'
import { Button } from '../../../ui/button.tsx'
import { cx } from '../../../ui/cx.ts'
import { Empty } from '../../../ui/empty.tsx'
import { SearchInput } from '../../../ui/field.tsx'
import { LoadFailure } from '../../../ui/load-failure.tsx'
import { Waiting } from '../../../ui/spinner.tsx'
import { useDelayed } from '../../../ui/use-delayed.ts'
import { FileList } from './file-list.tsx'
import { FilePanel } from './file-panel.tsx'
import { useWindows } from './use-windows.ts'

const texts = strings.files
const STATES = ['in-step', 'pending', 'conflict', 'held', 'problem'] as const satisfies readonly FileState[]

interface FilesTabProps {
  readonly folder: FolderState
  /** The file that is looked at. */
  readonly path: string | null
}

export function FilesTab({ folder, path }: FilesTabProps) {
  const { id } = folder
  const [search, setSearch] = useState('')
  const [state, setState] = useState<FileState | null>(null)
  const [range, setRange] = useState({ first: 0, last: 0 })
  const sought = useDelayed(search)
  const question = { folderId: id, search: sought, states: state === null ? [] : [state] }
  const windows = useWindows(question, folder.revisions.files, range.first, range.last)
  const list = useRef<HTMLDivElement>(null)
  const { head } = windows
  const isFiltered = search !== '' || state !== null
  const showAll = () => {
    setSearch('')
    setState(null)
  }
  const close = () => {
    replaceRoute(folderRoute(id))
    list.current?.focus()
  }
  return (
    <div className="relative flex h-full min-h-0">
      <div className="@container flex min-w-0 flex-1 flex-col">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-3 px-8 pt-4 pb-3 max-[1000px]:px-6">
          <SearchInput
            label={texts.search}
            value={search}
            onChange={setSearch}
            className="max-w-90 min-w-44 flex-1 basis-56"
          />
          <StateFilter counts={head?.counts ?? null} value={state} onChange={setState} />
        </div>
        {head !== null && !head.isComplete && (
          <p className="px-8 pb-2 text-sm text-ink-2 max-[1000px]:px-6">{texts.incomplete}</p>
        )}
        {windows.error !== null && head === null && (
          <div className="px-8 py-2 max-[1000px]:px-6">
            <LoadFailure error={windows.error} again={windows.again} />
          </div>
        )}
        {head === null && windows.error === null && <Waiting>{strings.common.loading}</Waiting>}
        {head !== null && head.total === 0 && <NoFiles id={id} isFiltered={isFiltered} showAll={showAll} />}
        {head !== null && head.total > 0 && (
          <FileList
            key={JSON.stringify(question)}
            ref={list}
            total={head.total}
            row={windows.row}
            selected={path}
            onRange={setRange}
            onSelect={selected => replaceRoute(folderRoute(id, 'files', selected))}
          />
        )}
      </div>
      {path !== null && <FilePanel key={path} folder={folder} path={path} onClose={close} />}
    </div>
  )
}

interface StateFilterProps {
  readonly counts: Readonly<Record<FileState, number>> | null
  readonly value: FileState | null
  readonly onChange: (state: FileState | null) => void
}

/** Only states that some file is in, so that the usual case is one quiet line. */
function StateFilter({ counts, value, onChange }: StateFilterProps) {
  if (counts === null) return null
  const all = STATES.reduce((sum, state) => sum + counts[state], 0)
  const shown = STATES.filter(state => counts[state] > 0 || state === value)
  return (
    <div role="group" aria-label={texts.filter} className="flex flex-wrap gap-1">
      <Chip isOn={value === null} onClick={() => onChange(null)} label={strings.common.all} number={all} />
      {shown.map(state => (
        <Chip
          key={state}
          isOn={value === state}
          onClick={() => onChange(value === state ? null : state)}
          label={texts.states[state]}
          number={counts[state]}
        />
      ))}
    </div>
  )
}

interface ChipProps {
  readonly isOn: boolean
  readonly onClick: () => void
  readonly label: string
  readonly number: number
}

function Chip({ isOn, onClick, label, number }: ChipProps) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onClick}
      className={cx(
        'flex h-7 items-center gap-1.5 rounded-full border px-2.5 text-sm transition-colors duration-100',
        isOn
          ? 'border-accent-line bg-accent-soft font-medium text-ink'
          : 'border-transparent text-ink-2 hover:bg-hover hover:text-ink',
      )}
    >
      {label}
      <span className={isOn ? 'text-ink-2' : 'text-ink-3'}>{count(number)}</span>
    </button>
  )
}

interface NoFilesProps {
  readonly id: string
  readonly isFiltered: boolean
  readonly showAll: () => void
}

function NoFiles({ id, isFiltered, showAll }: NoFilesProps) {
  if (isFiltered) {
    return (
      <Empty
        icon={FileSearch}
        title={texts.noneFound}
        action={<Button onClick={showAll}>{texts.showAll}</Button>}
      >
        {texts.noneFoundDetail}
      </Empty>
    )
  }
  return (
    <Empty
      icon={Files}
      title={texts.none}
      action={<Button onClick={() => go(folderRoute(id, 'rules'))}>{texts.editRules}</Button>}
    >
      {texts.noneDetail}
    </Empty>
  )
}
