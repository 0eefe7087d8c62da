/** The exact difference, and what it means for the files that are there, before anything is written. */
import { ArrowRight } from 'lucide-react'
import type { BackendSavePreview } from '../../../contract/backend.ts'
import { useUnderHome } from '../../store/app.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FileDiffs } from './file-diffs.tsx'

const texts = strings.backend

interface SaveDialogProps {
  readonly preview: BackendSavePreview
  readonly isBusy: boolean
  readonly failure: string | null
  readonly onSave: () => void
  readonly onClose: () => void
}

export function SaveDialog({ preview, isBusy, failure, onSave, onClose }: SaveDialogProps) {
  const shown = useUnderHome()
  const { files, effects, overridden, isOtherDatabase } = preview
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title={texts.reviewTitle}
      description={texts.reviewText}
      footer={
        <>
          <Button onClick={onClose}>{strings.common.cancel}</Button>
          <Button kind="primary" busy={isBusy} onClick={onSave}>
            {texts.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {failure !== null && (
          <Callout live tone="bad" title={strings.failure.title}>
            {failure}
          </Callout>
        )}
        {effects.length > 0 && (
          <Callout
            tone={isOtherDatabase ? 'warn' : 'info'}
            title={isOtherDatabase ? texts.otherDatabase : undefined}
          >
            <ul className="flex flex-col gap-1">
              {effects.map(effect => (
                <li key={effect} className="flex gap-2">
                  <ArrowRight aria-hidden className="mt-1 size-3 shrink-0" strokeWidth={2} />
                  {shown(effect)}
                </li>
              ))}
            </ul>
          </Callout>
        )}
        {overridden.length > 0 && (
          <Callout tone="warn" title={texts.overridden}>
            <code className="font-mono text-xs">{overridden.join(', ')}</code>
          </Callout>
        )}
        {files.every(file => file.kind === 'unchanged') ? (
          <p>{texts.noChange}</p>
        ) : (
          <FileDiffs files={files} />
        )}
      </div>
    </Dialog>
  )
}
