/** The left side: where one can go, with the state of each folder at a glance. */
import { Gauge, Pause, Play, Plus, Settings2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { escaped } from '../../contract/shown.ts'
import type { FolderState } from '../../contract/state.ts'
import { attempt } from '../connection/attempt.ts'
import { clockTime } from '../format/time.ts'
import { lookOf, needsOf } from '../format/folder-look.ts'
import { useAppState, useFolders } from '../store/app.ts'
import { folderRoute, type Route, routeHash, useRoute } from '../store/route.ts'
import { strings } from '../strings.ts'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Mark } from '../ui/mark.tsx'
import { Menu, MenuItem } from '../ui/menu.tsx'
import { NameText } from '../ui/name-text.tsx'
import { Tip } from '../ui/tip.tsx'
import { Brand } from './brand.tsx'

export function Rail() {
  const folders = useFolders()
  const route = useRoute(state => state.route)
  const current = route.view === 'folder' ? route.folder : null
  return (
    <nav
      aria-label={strings.app.navigation}
      className="flex min-h-0 flex-col border-r border-line bg-rail px-3 pt-4 pb-3"
    >
      <div className="px-2 pb-4">
        <Brand />
      </div>
      <RailLink to={{ view: 'overview' }} isCurrent={route.view === 'overview'}>
        <Gauge aria-hidden className="size-4 shrink-0 text-ink-3" strokeWidth={1.75} />
        {strings.rail.overview}
      </RailLink>
      <div className="mt-5 flex items-center justify-between pb-1 pl-2">
        <h2 className="text-xs font-medium text-ink-3">{strings.rail.folders}</h2>
        <Tip text={strings.rail.add} side="right">
          <a
            href={routeHash({ view: 'add' })}
            aria-label={strings.rail.add}
            aria-current={route.view === 'add' ? 'page' : undefined}
            className="flex size-7 items-center justify-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <Plus aria-hidden className="size-4" strokeWidth={1.75} />
          </a>
        </Tip>
      </div>
      <ul className="-mx-1 min-h-0 flex-1 overflow-y-auto px-1">
        {folders.map(folder => (
          <li key={folder.id}>
            <FolderLink folder={folder} isCurrent={folder.id === current} />
          </li>
        ))}
      </ul>
      <div className="mt-3 flex items-center justify-between gap-1 border-t border-line pt-3">
        <RailLink to={{ view: 'settings' }} isCurrent={route.view === 'settings'} className="flex-1">
          <Settings2 aria-hidden className="size-4 shrink-0 text-ink-3" strokeWidth={1.75} />
          {strings.rail.settings}
        </RailLink>
        {folders.length > 0 && <PauseAll />}
      </div>
    </nav>
  )
}

function FolderLink({ folder, isCurrent }: { readonly folder: FolderState; readonly isCurrent: boolean }) {
  const { icon, tone, word, isTurning } = lookOf(folder)
  const needs = needsOf(folder)
  return (
    <RailLink to={folderRoute(folder.id)} isCurrent={isCurrent}>
      <Mark icon={icon} tone={tone} word={word} iconOnly isTurning={isTurning} />
      <span className="min-w-0 flex-1 truncate" title={escaped(folder.path)}>
        <NameText name={folder.name} />
      </span>
      {needs > 0 && (
        <span className="shrink-0 rounded-full bg-warn-soft px-1.5 text-xs font-semibold text-warn">
          {needs > 99 ? '99+' : needs}
          <span className="sr-only"> {strings.rail.needs(needs)}</span>
        </span>
      )}
    </RailLink>
  )
}

interface RailLinkProps {
  readonly to: Route
  readonly isCurrent: boolean
  readonly className?: string
  readonly children: ReactNode
}

function RailLink({ to, isCurrent, className, children }: RailLinkProps) {
  return (
    <a
      href={routeHash(to)}
      aria-current={isCurrent ? 'page' : undefined}
      className={cx(
        'flex h-8 items-center gap-2.5 rounded-md px-2 transition-colors duration-100 outline-offset-[-2px]',
        isCurrent ? 'bg-press font-medium text-ink' : 'text-ink-2 hover:bg-hover hover:text-ink',
        className,
      )}
    >
      {children}
    </a>
  )
}

/** In milliseconds. */
const HOUR_MS = 3_600_000

function PauseAll() {
  const paused = useAppState()?.pausedAll ?? null
  if (paused !== null) {
    const until =
      paused.until === null ? strings.rail.paused : strings.rail.pausedUntil(clockTime(paused.until))
    return (
      <IconButton
        icon={Play}
        label={`${strings.rail.resumeAll}. ${until}`}
        onClick={() => attempt(host => host.folders.resumeAll())}
      />
    )
  }
  const pause = (until: number | null) => attempt(host => host.folders.pauseAll({ until }))
  return (
    <Menu trigger={<IconButton icon={Pause} label={strings.rail.pauseAll} />}>
      <MenuItem onClick={() => pause(Date.now() + HOUR_MS)}>{strings.rail.pauseHour}</MenuItem>
      <MenuItem onClick={() => pause(null)}>{strings.rail.pauseForever}</MenuItem>
    </Menu>
  )
}
