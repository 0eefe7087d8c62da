/** Each folder in a line: state, counts, the last day as a curve, the last change. */
import { escaped } from '../../../contract/shown.ts'
import type { FolderState } from '../../../contract/state.ts'
import { lookOf } from '../../format/folder-look.ts'
import { nameOf } from '../../format/path.ts'
import { folderRoute, routeHash } from '../../store/route.ts'
import { useUnderHome } from '../../store/app.ts'
import { strings } from '../../strings.ts'
import { Mark } from '../../ui/mark.tsx'
import { Card } from '../../ui/page.tsx'
import { Sparkline } from '../../ui/sparkline.tsx'
import { NameText } from '../../ui/name-text.tsx'
import { Ago } from '../../ui/time.tsx'

const texts = strings.overview

export function FolderRows({ folders }: { readonly folders: readonly FolderState[] }) {
  return (
    <Card>
      <ul className="divide-y divide-line">
        {folders.map(folder => (
          <li key={folder.id}>
            <FolderRow folder={folder} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function FolderRow({ folder }: { readonly folder: FolderState }) {
  const { icon, tone, word, isTurning } = lookOf(folder)
  const shown = useUnderHome()
  const changes = folder.curve.reduce((sum, each) => sum + each, 0)
  return (
    <a
      href={routeHash(folderRoute(folder.id))}
      className="grid grid-cols-[minmax(0,1fr)_144px_112px_minmax(0,192px)] items-center gap-x-8 px-4 py-3.5 outline-offset-[-2px] transition-colors duration-100 hover:bg-hover max-[1000px]:grid-cols-[minmax(0,1fr)_136px_112px] max-[1000px]:gap-x-4"
    >
      <div className="min-w-0">
        <p className="truncate font-medium">
          <NameText name={folder.name} />
        </p>
        <p className="truncate text-sm text-ink-3" title={escaped(folder.path)}>
          <NameText name={shown(folder.path)} />
        </p>
      </div>
      <div className="min-w-0">
        <p className="flex">
          <Mark icon={icon} tone={tone} word={word} isTurning={isTurning} className="font-medium" />
        </p>
        <p className="pl-5.5 text-sm text-ink-3">
          {folder.files === null ? strings.common.unknown : strings.files.count(folder.files)}
        </p>
      </div>
      <div>
        <Sparkline values={folder.curve} label={texts.curve(changes)} width={112} />
        <p className="text-xs whitespace-nowrap text-ink-3">{texts.changes(changes)}</p>
      </div>
      <LastChange folder={folder} />
    </a>
  )
}

function LastChange({ folder: { lastChange } }: { readonly folder: FolderState }) {
  if (lastChange === null) {
    return <p className="text-sm text-ink-3 max-[1000px]:hidden">{texts.noChange}</p>
  }
  return (
    <div className="min-w-0 max-[1000px]:hidden">
      <p className="truncate text-sm" title={escaped(lastChange.path)}>
        <NameText name={nameOf(lastChange.path)} />
      </p>
      <p className="truncate text-sm text-ink-3">
        {strings.activity.actions[lastChange.action]} · <Ago time={lastChange.at} />
      </p>
    </div>
  )
}
