/** Which folder: one walks through this machine's folders, and sees at once what is in the one where one is. */
import { FolderOpen } from 'lucide-react'
import { useEffect } from 'react'
import type { Inspection } from '../../../contract/setup.ts'
import { useAppState, useUnderHome } from '../../store/app.ts'
import type { Answer } from '../../store/use-answer.ts'
import { folderRoute, go } from '../../store/route.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { FolderBrowser } from './folder-browser.tsx'
import { Found } from './found.tsx'
import { StepFrame } from './step-frame.tsx'

const texts = strings.setup

interface FolderStepProps {
  readonly path: string | null
  readonly inspection: Answer<Inspection>
  readonly onPath: (path: string) => void
  readonly onCancel: () => void
  readonly onNext: () => void
}

export function FolderStep({ path, inspection, onPath, onCancel, onNext }: FolderStepProps) {
  const canPick = useAppState()?.shell.canPickFolder ?? false
  const found = inspection.value
  const isReady = found !== null && found.folderId === null && found.appId.fault === null
  return (
    <StepFrame
      step={0}
      title={texts.folderTitle}
      text={texts.folderText}
      onCancel={onCancel}
      primary={
        <Button kind="primary" disabled={!isReady} onClick={onNext}>
          {strings.common.next}
        </Button>
      }
    >
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_minmax(0,1fr)] gap-8 max-[1000px]:gap-6 max-[900px]:grid-cols-1">
        {canPick ? (
          <SystemPicker path={path} onPath={onPath} />
        ) : (
          <FolderBrowser path={path} onPath={onPath} />
        )}
        <section aria-label={texts.found} aria-live="polite" className="min-w-0">
          {path === null && <p className="text-ink-2">{texts.selectHint}</p>}
          {path !== null && inspection.error !== null && found === null && (
            <LoadFailure error={inspection.error} again={inspection.again} />
          )}
          {path !== null && inspection.error === null && found === null && (
            <Waiting>{strings.common.loading}</Waiting>
          )}
          {found !== null && (
            <>
              <Already id={found.folderId} />
              <Found inspection={found} />
            </>
          )}
        </section>
      </div>
    </StepFrame>
  )
}

function Already({ id }: { readonly id: string | null }) {
  if (id === null) return null
  return (
    <Callout
      tone="info"
      className="mb-5"
      title={texts.alreadyTitle}
      action={<Button onClick={() => go(folderRoute(id))}>{texts.alreadyAction}</Button>}
    />
  )
}

/** In the desktop app the system's own dialog chooses. */
function SystemPicker({
  path,
  onPath,
}: {
  readonly path: string | null
  readonly onPath: (path: string) => void
}) {
  const work = useWork()
  const shown = useUnderHome()
  const pick = () =>
    work.run(
      host => host.shell.pickFolder(),
      picked => picked.path !== null && onPath(picked.path),
    )
  useEffect(() => {
    if (path === null) document.getElementById('pick-folder')?.focus()
  }, [path])
  return (
    <div className="flex flex-col items-start gap-3">
      <Button
        id="pick-folder"
        kind={path === null ? 'primary' : 'secondary'}
        icon={FolderOpen}
        onClick={pick}
      >
        {texts.pick}
      </Button>
      {path !== null && <p className="break-all text-ink-2">{shown(path)}</p>}
      {work.failure !== null && (
        <Callout live tone="bad" title={strings.failure.title}>
          {work.failure}
        </Callout>
      )}
    </div>
  )
}
