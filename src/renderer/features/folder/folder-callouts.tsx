/** What a person should know of the whole folder before looking at its files: the weightiest thing alone. */
import { CirclePause, CloudOff, FileCog, Hand, Power, Users } from 'lucide-react'
import type { ReactNode } from 'react'
import type { FolderState } from '../../../contract/state.ts'
import { ago } from '../../format/time.ts'
import { folderRoute, go, holdRoute } from '../../store/route.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { note } from '../../ui/toasts.tsx'
import { useNow } from '../../ui/use-now.ts'
import { appChangeOf } from '../hold/app-change.ts'
import { mendingTab } from './mend.ts'
import { CodeToTrust } from '../backend/code-to-trust.tsx'

const texts = strings.folder

export function FolderCallouts({ folder }: { readonly folder: FolderState }) {
  const callout = calloutOf(folder)
  if (callout === null) return null
  return <div className="px-8 pb-4 max-[1000px]:px-6">{callout}</div>
}

function calloutOf(folder: FolderState): ReactNode {
  const { id, heldBy, fault, untrusted } = folder
  if (heldBy !== null) {
    return (
      <Callout tone="info" icon={Users} title={texts.heldByTitle}>
        {texts.heldByText(heldBy.command, heldBy.pid)}
      </Callout>
    )
  }
  if (fault !== null) return <Fault folder={folder} fault={fault} />
  if (untrusted !== null) return <Trust key={untrusted.hash} id={id} code={untrusted} />
  if (folder.switchedOff) {
    return (
      <Callout tone="info" icon={Power} title={texts.offTitle}>
        {texts.offText}
      </Callout>
    )
  }
  if (folder.holds > 0) {
    return (
      <Callout
        tone="warn"
        icon={Hand}
        title={texts.holdTitle(folder.holds)}
        action={<Button onClick={() => go(holdRoute(id))}>{strings.needs.review}</Button>}
      >
        {texts.holdText}
      </Callout>
    )
  }
  if (folder.waiting > 0) {
    return (
      <Callout
        tone="info"
        icon={FileCog}
        title={strings.needs.waitingFiles(folder.waiting)}
        action={<Button onClick={() => go(holdRoute(id, 'contents'))}>{strings.needs.look}</Button>}
      >
        {strings.needs.waitingFilesDetail}
      </Callout>
    )
  }
  if (folder.paused !== 'no') {
    const title = folder.paused === 'all' ? texts.pausedAllTitle : texts.pausedTitle
    return (
      <Callout tone="info" icon={CirclePause} title={title}>
        {texts.pausedText}
      </Callout>
    )
  }
  if (folder.state === 'offline') return <Offline folder={folder} />
  if (folder.state === 'held' && appChangeOf(folder) !== null) return <AppChanged folder={folder} />
  if (folder.state === 'error' || folder.state === 'held') return <Whole folder={folder} />
  return <Partly folder={folder} />
}

function Fault({
  folder,
  fault,
}: {
  readonly folder: FolderState
  readonly fault: NonNullable<FolderState['fault']>
}) {
  const tab = mendingTab(fault)
  if (tab === null) {
    return (
      <Callout tone="bad" title={strings.needs.fault}>
        {fault.message} {texts.missing}
      </Callout>
    )
  }
  return (
    <Callout
      tone="bad"
      title={strings.needs.fault}
      action={<Button onClick={() => go(folderRoute(folder.id, tab))}>{strings.needs.mend}</Button>}
    >
      {fault.message}
    </Callout>
  )
}

function Offline({ folder }: { readonly folder: FolderState }) {
  const now = useNow()
  const problem = folder.problemList.find(each => each.path === null)
  const retryAt = problem?.retryAt ?? null
  return (
    <Callout
      tone="info"
      icon={CloudOff}
      title={texts.offlineTitle}
      action={<Button onClick={() => go(folderRoute(folder.id, 'backend'))}>{texts.tabs.backend}</Button>}
    >
      {problem?.message ?? texts.offlineText} {retryAt !== null && texts.retry(ago(retryAt, now))}
    </Callout>
  )
}

function AppChanged({ folder }: { readonly folder: FolderState }) {
  return (
    <Callout
      tone="warn"
      icon={Hand}
      title={strings.appChange.title}
      action={<Button onClick={() => go(holdRoute(folder.id))}>{strings.needs.review}</Button>}
    >
      {appChangeOf(folder)?.message}
    </Callout>
  )
}

function Whole({ folder }: { readonly folder: FolderState }) {
  const problem = folder.problemList.find(each => each.path === null)
  if (problem === undefined) return null
  return (
    <Callout tone={folder.state === 'held' ? 'warn' : 'bad'} title={strings.needs.error}>
      {problem.message}
    </Callout>
  )
}

/** Sync works, but not for everything. */
function Partly({ folder }: { readonly folder: FolderState }) {
  const problem = folder.problemList.find(each => each.path === null)
  if (problem === undefined) return null
  const tab = problem.code === 'now-denied' ? 'rules' : 'backend'
  return (
    <Callout
      tone="warn"
      title={strings.needs.partly}
      action={<Button onClick={() => go(folderRoute(folder.id, tab))}>{texts.tabs[tab]}</Button>}
    >
      {problem.message}
    </Callout>
  )
}

interface TrustProps {
  readonly id: string
  readonly code: NonNullable<FolderState['untrusted']>
}

function Trust({ id, code }: TrustProps) {
  const work = useWork()
  const trust = () =>
    work.run(
      host => host.folders.trustAdapter({ id, code }),
      () => note(texts.trusted),
    )
  return <CodeToTrust code={code} isBusy={work.isBusy} failure={work.failure} onTrust={trust} />
}
