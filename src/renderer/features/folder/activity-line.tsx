/** One thing that happened: what, to which file, by whom, why, when. */
import {
  ArrowDownToLine,
  ArrowLeftRight,
  ArrowUpFromLine,
  CircleAlert,
  CircleCheck,
  CirclePause,
  CirclePlay,
  CircleStop,
  Cloud,
  GitMerge,
  GitCompareArrows,
  History,
  Laptop,
  type LucideIcon,
  Save,
  SkipForward,
  Trash2,
  UserRound,
} from 'lucide-react'
import { shownName, shownText } from '../../../contract/shown.ts'
import type { ActivityKind, ActivityRow } from '../../../contract/activity.ts'
import type { Author } from '../../../contract/state.ts'
import { useFolder } from '../../store/app.ts'
import { folderRoute, routeHash } from '../../store/route.ts'
import { strings } from '../../strings.ts'
import { cx } from '../../ui/cx.ts'
import { PathText } from '../../ui/path-text.tsx'
import { Ago } from '../../ui/time.tsx'

const ICONS: Readonly<Record<ActivityKind, readonly [LucideIcon, string]>> = {
  push: [ArrowUpFromLine, 'text-accent'],
  pull: [ArrowDownToLine, 'text-accent'],
  merge: [GitMerge, 'text-accent'],
  'delete-local': [Trash2, 'text-ink-3'],
  'delete-remote': [Trash2, 'text-ink-3'],
  conflict: [GitCompareArrows, 'text-warn'],
  skip: [SkipForward, 'text-ink-3'],
  resolve: [CircleCheck, 'text-ok'],
  problem: [CircleAlert, 'text-bad'],
  recovered: [CircleCheck, 'text-ok'],
  started: [CirclePlay, 'text-ink-3'],
  stopped: [CircleStop, 'text-ink-3'],
  paused: [CirclePause, 'text-ink-3'],
  resumed: [CirclePlay, 'text-ink-3'],
  approved: [Trash2, 'text-warn'],
  restored: [History, 'text-ok'],
  saved: [Save, 'text-ink-3'],
}

interface ActivityLineProps {
  readonly row: ActivityRow
  readonly withFolder?: boolean
}

export function ActivityLine({ row, withFolder }: ActivityLineProps) {
  const [Icon, tone] = ICONS[row.kind]
  return (
    <li className="grid grid-cols-[16px_minmax(0,1fr)_auto_84px] items-center gap-x-3 px-4 py-2.5 @2xl:grid-cols-[16px_minmax(0,1fr)_124px_84px]">
      <Icon aria-hidden className={cx('size-4', tone)} strokeWidth={1.75} />
      <div className={cx('min-w-0', row.author === null && 'col-span-2')}>
        <p className="flex min-w-0 items-baseline gap-2">
          <span className="shrink-0 font-medium">{strings.activity.actions[row.kind]}</span>
          {row.path !== null && <FileLink folder={row.folderId} path={row.path} />}
        </p>
        <p className="truncate text-sm text-ink-3" title={shownText(row.reason ?? '')}>
          {[withFolder === true && shownName(row.folderName), shownText(row.reason)]
            .filter(part => typeof part === 'string' && part !== '')
            .join(' · ')}
        </p>
      </div>
      {row.author !== null && <By author={row.author} />}
      <Ago time={row.at} className="text-right text-sm text-ink-3" />
    </li>
  )
}

const AUTHORS: Readonly<Record<Author, LucideIcon>> = {
  'this-device': Laptop,
  another: Cloud,
  both: ArrowLeftRight,
  person: UserRound,
}

/** Who made the change. Where there is little room, the icon alone. */
function By({ author }: { readonly author: Author }) {
  const Icon = AUTHORS[author]
  const word = strings.activity.authors[author]
  return (
    <span className="flex items-center gap-1.5 text-sm text-ink-2" title={word}>
      <Icon aria-hidden className="size-3.5 shrink-0 text-ink-3" strokeWidth={1.75} />
      <span className="sr-only @2xl:not-sr-only @2xl:truncate">{word}</span>
    </span>
  )
}

/** To the file with its history, also where it is gone by now; plain where its folder is not ours any more. */
function FileLink({ folder, path }: { readonly folder: string; readonly path: string }) {
  const isKnown = useFolder(folder) !== null
  if (!isKnown) return <PathText path={path} />
  return (
    <a
      href={routeHash(folderRoute(folder, 'files', path))}
      className="min-w-0 rounded-sm underline-offset-3 hover:underline"
    >
      <PathText path={path} />
    </a>
  )
}
