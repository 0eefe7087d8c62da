/** Which database, and whether it answers: the way on opens with a good test. */
import type { Control } from 'react-hook-form'
import type { BackendDraft, BackendInfo, BackendKind, Target } from '../../../contract/backend.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { BackendFields } from '../backend/backend-form.tsx'
import { DraftTrust } from '../backend/code-to-trust.tsx'
import { ConnectionTest, type useConnectionTest } from '../backend/connection-test.tsx'
import type { BackendForm, SavedBackend } from '../backend/draft.ts'
import { SetupHelpList } from '../backend/setup-help.tsx'
import { type Frame, StepFrame } from './step-frame.tsx'

const texts = strings.setup

interface DatabaseStepProps {
  readonly frame: Frame
  readonly control: Control<BackendForm>
  readonly infos: readonly BackendInfo[]
  readonly info: BackendInfo
  readonly saved: SavedBackend
  readonly inUse: BackendKind | null
  readonly target: Target
  readonly draft: BackendDraft
  readonly test: ReturnType<typeof useConnectionTest>
  readonly onTest: () => void
  readonly onBack: () => void
  readonly onNext: () => void
}

export function DatabaseStep(props: DatabaseStepProps) {
  const { frame, control, infos, info, saved, inUse, target, draft, test, onTest, onBack, onNext } = props
  const isOpen = test.run.state === 'ok'
  return (
    <StepFrame
      {...frame}
      title={texts.databaseTitle}
      text={texts.databaseText}
      onBack={onBack}
      hint={isOpen ? null : texts.testFirst}
      primary={
        <Button kind="primary" disabled={!isOpen} onClick={onNext}>
          {strings.common.next}
        </Button>
      }
    >
      <BackendFields control={control} infos={infos} saved={saved} inUse={inUse}>
        <DraftTrust target={target} draft={draft} />
        <ConnectionTest run={test.run} onStart={onTest} onStop={test.stop} />
        <SetupHelpList info={info} target={target} />
      </BackendFields>
    </StepFrame>
  )
}
