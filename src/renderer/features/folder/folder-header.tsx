/** A folder's name, state and place, and what can be done with it as a whole. */
import {
  ArrowDown,
  ArrowUp,
  Copy,
  Ellipsis,
  FolderOpen,
  History,
  Pause,
  Play,
  RefreshCw,
  Trash2,
} from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { escaped } from '../../../contract/shown.ts'
import type { FolderState } from '../../../contract/state.ts'
import { attempt } from '../../connection/attempt.ts'
import { lookOf } from '../../format/folder-look.ts'
import { useAppState, useFolders, useUnderHome } from '../../store/app.ts'
import { go } from '../../store/route.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { say } from '../../shell/live-region.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { Mark } from '../../ui/mark.tsx'
import { Menu, MenuItem, MenuSeparator } from '../../ui/menu.tsx'
import { Progress } from '../../ui/progress.tsx'
import { Ago } from '../../ui/time.tsx'
import { NameText } from '../../ui/name-text.tsx'
import { note } from '../../ui/toasts.tsx'

const FolderHistory = lazy(async () => ({
  default: (await import('./files/folder-history.tsx')).FolderHistory,
}))

const texts = strings.folder

export function FolderHeader({ folder }: { readonly folder: FolderState }) {
  const { icon, tone, word, isTurning } = lookOf(folder)
  const isPaused = folder.paused === 'folder'
  const { id } = folder
  return (
    <header className="px-8 pt-7 pb-4 max-[1000px]:px-6">
      <div className="flex items-start gap-6">
        <div className="min-w-0 flex-1">
          <h1 className="flex items-center gap-2.5 text-xl font-semibold tracking-[-0.014em]">
            <span className="truncate">
              <NameText name={folder.name} />
            </span>
            {folder.isSample && (
              <span className="rounded-full border border-line px-2 text-xs font-medium tracking-normal text-ink-2">
                {texts.sample}
              </span>
            )}
          </h1>
          <p className="mt-1.5 flex min-w-0 items-center gap-x-3 text-ink-2">
            <Mark
              icon={icon}
              tone={tone}
              word={word}
              isTurning={isTurning}
              className="font-medium text-ink"
            />
            <Facts folder={folder} />
          </p>
        </div>
        <div className="flex shrink-0 items-center gap-1">
          {folder.paused === 'no' && !folder.switchedOff && (
            <Button
              icon={RefreshCw}
              onClick={() =>
                attempt(
                  host => host.folders.syncNow({ id }),
                  () => say(texts.syncing),
                )
              }
            >
              {texts.syncNow}
            </Button>
          )}
          {isPaused ? (
            <Button icon={Play} kind="primary" onClick={() => attempt(host => host.folders.resume({ id }))}>
              {texts.resume}
            </Button>
          ) : (
            <IconButton
              icon={Pause}
              label={texts.pause}
              onClick={() => attempt(host => host.folders.pause({ id }))}
            />
          )}
          <FolderMenu folder={folder} />
        </div>
      </div>
      <Work folder={folder} />
    </header>
  )
}

function Facts({ folder }: { readonly folder: FolderState }) {
  const shown = useUnderHome()
  return (
    <>
      {folder.backend !== null && (
        <>
          <Dot />
          <span className="shrink-0" title={shown(folder.backend.database)}>
            {folder.backend.label}
          </span>
        </>
      )}
      {folder.lastSyncedAt !== null && (
        <>
          <Dot />
          <span className="shrink-0">
            {texts.lastSynced} <Ago time={folder.lastSyncedAt} />
          </span>
        </>
      )}
      <span className="flex min-w-0 items-center gap-x-3 max-[900px]:hidden">
        <Dot />
        <span className="min-w-0 truncate text-ink-3" title={escaped(folder.path)}>
          <NameText name={shown(folder.path)} />
        </span>
      </span>
    </>
  )
}

function Dot() {
  return <span aria-hidden className="size-[3px] shrink-0 rounded-full bg-ink-3" />
}

const WORKING: readonly FolderState['state'][] = ['starting', 'scanning', 'syncing']

/** Long work only: a bar that comes and goes within a moment is noise. */
function Work({ folder: { state, progress } }: { readonly folder: FolderState }) {
  if (progress === null || !WORKING.includes(state)) return null
  const words = strings.progress[progress.step]
  return (
    <div className="mt-4 flex items-center gap-3">
      <Progress label={words} done={progress.done} total={progress.total} />
      <span className="shrink-0 text-sm text-ink-2">
        {words}
        {progress.total !== null && ` ${String(progress.done)} / ${String(progress.total)}`}
      </span>
    </div>
  )
}

function FolderMenu({ folder }: { readonly folder: FolderState }) {
  const [isAsking, setAsking] = useState(false)
  const [hasHistory, setHistory] = useState(false)
  const ids = useFolders().map(each => each.id)
  const canOpen = useAppState()?.shell.canOpen ?? false
  const { id, path } = folder
  const place = ids.indexOf(id)
  const moveTo = (to: number) => {
    const order = ids.filter(each => each !== id).toSpliced(to, 0, id)
    attempt(
      host => host.folders.reorder({ ids: order }),
      () => say(texts.moved(to + 1, ids.length)),
    )
  }
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label={strings.common.more} />}>
        {canOpen && (
          <MenuItem
            icon={FolderOpen}
            onClick={() => attempt(host => host.shell.open({ folderId: id, path: null }))}
          >
            {texts.openFolder}
          </MenuItem>
        )}
        <MenuItem
          icon={Copy}
          onClick={() => {
            attempt(
              () => navigator.clipboard.writeText(path),
              () => note(strings.common.copied, path),
            )
          }}
        >
          {strings.common.copyPath}
        </MenuItem>
        <MenuItem icon={History} onClick={() => setHistory(true)}>
          {texts.history}
        </MenuItem>
        {ids.length > 1 && (
          <>
            <MenuItem icon={ArrowUp} disabled={place === 0} onClick={() => moveTo(place - 1)}>
              {texts.moveUp}
            </MenuItem>
            <MenuItem icon={ArrowDown} disabled={place === ids.length - 1} onClick={() => moveTo(place + 1)}>
              {texts.moveDown}
            </MenuItem>
          </>
        )}
        <MenuSeparator />
        <MenuItem icon={Trash2} danger onClick={() => setAsking(true)}>
          {texts.remove}
        </MenuItem>
      </Menu>
      {hasHistory && (
        <Suspense fallback={null}>
          <FolderHistory folder={folder} onClose={() => setHistory(false)} />
        </Suspense>
      )}
      <RemoveFolder folder={folder} open={isAsking} onClose={() => setAsking(false)} />
    </>
  )
}

interface RemoveProps {
  readonly folder: FolderState
  readonly open: boolean
  readonly onClose: () => void
}

function RemoveFolder({ folder: { id, name }, open, onClose }: RemoveProps) {
  const work = useWork()
  const remove = () =>
    work.run(
      host => host.folders.remove({ id }),
      () => {
        onClose()
        note(texts.removed(name))
        go({ view: 'overview' })
      },
    )
  return (
    <Confirm
      open={open}
      onClose={onClose}
      onConfirm={remove}
      busy={work.isBusy}
      title={texts.removeTitle(name)}
      action={texts.removeAction}
    >
      <p>{texts.removeText}</p>
      {work.failure !== null && <p className="text-bad">{work.failure}</p>}
    </Confirm>
  )
}
