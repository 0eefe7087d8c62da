/** One folder: what it is doing, what it needs, and its five sides. */
import { FolderX } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { escaped } from '../../../contract/shown.ts'
import type { FolderState } from '../../../contract/state.ts'
import { useFolder } from '../../store/app.ts'
import { FOLDER_TABS, folderRoute, go, type FolderTab, type Route } from '../../store/route.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { appChangeOf } from '../hold/app-change.ts'
import { ActivityTab } from './activity-tab.tsx'
import { ConflictsTab } from './conflicts-tab.tsx'
import { FilesTab } from './files/files-tab.tsx'
import { FolderCallouts } from './folder-callouts.tsx'
import { FolderHeader } from './folder-header.tsx'

const BackendTab = lazy(async () => ({ default: (await import('../backend/backend-tab.tsx')).BackendTab }))
const RulesTab = lazy(async () => ({ default: (await import('./rules/rules-tab.tsx')).RulesTab }))
const WaitingDialog = lazy(async () => ({
  default: (await import('../hold/waiting-dialog.tsx')).WaitingDialog,
}))
const HoldDialog = lazy(async () => ({ default: (await import('../hold/hold-dialog.tsx')).HoldDialog }))
const AppChangeDialog = lazy(async () => ({
  default: (await import('../hold/app-change-dialog.tsx')).AppChangeDialog,
}))
const ConflictDialog = lazy(async () => ({
  default: (await import('../conflict/conflict-dialog.tsx')).ConflictDialog,
}))

interface FolderViewProps {
  readonly id: string
  readonly route: Extract<Route, { view: 'folder' }>
}

export function FolderView({ id, route }: FolderViewProps) {
  const folder = useFolder(id)
  if (folder === null) return <Gone />
  return (
    <div className="flex h-full flex-col">
      <FolderHeader folder={folder} />
      <FolderCallouts folder={folder} />
      <Tabs<FolderTab>
        label={escaped(folder.name)}
        value={route.tab}
        onChange={tab => go(folderRoute(id, tab))}
        tabs={FOLDER_TABS.map(tab => ({
          value: tab,
          label: strings.folder.tabs[tab],
          ...(tab === 'conflicts' && folder.conflicts > 0 && { badge: <Badge>{folder.conflicts}</Badge> }),
        }))}
      >
        <Suspense fallback={<Waiting>{strings.common.loading}</Waiting>}>
          <Tab folder={folder} tab={route.tab} path={route.path} />
        </Suspense>
      </Tabs>
      <Suspense fallback={null}>
        {route.hold !== null && (
          <Held folder={folder} hold={route.hold} onClose={() => go(folderRoute(id))} />
        )}
        {route.tab === 'conflicts' && route.path !== null && (
          <ConflictDialog
            folder={folder}
            path={route.path}
            onClose={() => go(folderRoute(id, 'conflicts'))}
          />
        )}
      </Suspense>
    </div>
  )
}

interface HeldProps {
  readonly folder: FolderState
  readonly hold: 'changes' | 'contents'
  readonly onClose: () => void
}

function Held({ folder, hold, onClose }: HeldProps) {
  // Where nothing else is held, files that wait are what somebody came for.
  const isOfContents = hold === 'contents' || (folder.holds === 0 && folder.waiting > 0)
  if (isOfContents) return <WaitingDialog folder={folder} onClose={onClose} />
  const change = appChangeOf(folder)
  if (change !== null) return <AppChangeDialog folder={folder} change={change} onClose={onClose} />
  return <HoldDialog folder={folder} onClose={onClose} />
}

interface TabProps {
  readonly folder: FolderState
  readonly tab: FolderTab
  readonly path: string | null
}

function Tab({ folder, tab, path }: TabProps) {
  switch (tab) {
    case 'files':
      return <FilesTab folder={folder} path={path} />
    case 'activity':
      return <ActivityTab folder={folder} />
    case 'conflicts':
      return <ConflictsTab folder={folder} />
    case 'rules':
      return <RulesTab folder={folder} path={path} />
    case 'backend':
      return <BackendTab folder={folder} />
  }
}

function Badge({ children }: { readonly children: number }) {
  return (
    <span className="rounded-full bg-warn-soft px-1.5 text-xs font-semibold text-warn">
      {children > 999 ? '999+' : children}
    </span>
  )
}

function Gone() {
  return (
    <Empty
      isPage
      icon={FolderX}
      title={strings.folder.gone}
      action={<Button onClick={() => go({ view: 'overview' })}>{strings.folder.toOverview}</Button>}
    >
      {strings.folder.goneDetail}
    </Empty>
  )
}
