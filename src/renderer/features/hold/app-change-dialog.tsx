/** A folder that was kept in step as another app (R4.11): go on under the new name, or set the former one again. */
import { ArrowRight } from 'lucide-react'
import { useState } from 'react'
import type { FolderState } from '../../../contract/state.ts'
import type { Problem } from '../../../contract/words.ts'
import { folderRoute, go } from '../../store/route.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { note } from '../../ui/toasts.tsx'

const texts = strings.appChange

interface AppChangeDialogProps {
  readonly folder: FolderState
  readonly change: Problem
  readonly onClose: () => void
}

export function AppChangeDialog({ folder: { id }, change, onClose }: AppChangeDialogProps) {
  const [isAsked, setAsked] = useState(false)
  const work = useWork()
  const goOn = () =>
    work.run(
      async host => {
        const { token } = await host.holds.list({ folderId: id, offset: 0, limit: 1 })
        return host.holds.approve({ folderId: id, token })
      },
      () => {
        note(texts.goesOn)
        onClose()
      },
      () => {
        setAsked(false)
        return false
      },
    )
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.title}
      description={texts.description}
      footer={
        <>
          <Button kind="quiet-danger" className="mr-auto -ml-3" onClick={() => setAsked(true)}>
            {texts.goOn}
          </Button>
          <Button onClick={onClose}>{strings.conflict.notNow}</Button>
          <Button kind="primary" icon={ArrowRight} onClick={() => go(folderRoute(id, 'backend'))}>
            {texts.setName}
          </Button>
        </>
      }
    >
      {work.failure !== null && (
        <Callout live tone="bad" title={strings.failure.title} className="mb-4">
          {work.failure}
        </Callout>
      )}
      <Callout tone="warn">{change.message}</Callout>
      <Confirm
        open={isAsked}
        onClose={() => setAsked(false)}
        onConfirm={goOn}
        busy={work.isBusy}
        danger
        title={texts.confirmTitle}
        action={texts.confirmAction}
      >
        <p>{texts.confirmText}</p>
      </Confirm>
    </Dialog>
  )
}
