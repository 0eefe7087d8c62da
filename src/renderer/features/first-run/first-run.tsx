/**
 * A folder is added in four steps: folder, files, database, start. Nothing is written before the last one;
 * what was entered stays while one goes back and forth.
 */
import { zodResolver } from '@hookform/resolvers/zod'
import { useEffect, useRef, useState } from 'react'
import { useForm, useWatch } from 'react-hook-form'
import type { BackendInfo } from '../../../contract/backend.ts'
import type { PatternsDraft } from '../../../contract/plan.ts'
import type { Inspection, SetupDraft } from '../../../contract/setup.ts'
import { type Answer, useAnswer } from '../../store/use-answer.ts'
import { go } from '../../store/route.ts'
import { strings } from '../../strings.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { note } from '../../ui/toasts.tsx'
import { useConnectionTest } from '../backend/connection-test.tsx'
import { type BackendForm, draftOf, FIRST_BACKEND, formOf, type SavedBackend } from '../backend/draft.ts'
import { formSchema } from '../backend/form-schema.ts'
import { cleaned, isSameDraft } from '../patterns/draft.ts'
import { FilesStep } from './files-step.tsx'
import { DatabaseStep } from './database-step.tsx'
import { FolderStep } from './folder-step.tsx'
import { StartStep } from './start-step.tsx'
import { type Step, StepFrame } from './step-frame.tsx'

const texts = strings.setup

export function FirstRun() {
  const [step, setStep] = useState<Step>(0)
  const [path, setPath] = useState<string | null>(null)
  const [isLeaving, setLeaving] = useState(false)
  const inspection = useAnswer(path === null ? null : `inspect ${path}`, 0, (host, signal) =>
    host.setup.inspect({ path: path ?? '' }, { signal }),
  )
  const leave = () => {
    note(texts.cancelled)
    go({ view: 'overview' })
  }
  const onCancel = () => (step === 0 ? leave() : setLeaving(true))
  const found = inspection.value
  return (
    <>
      {step === 0 || found === null ? (
        <FolderStep
          path={path}
          inspection={inspection}
          onPath={setPath}
          onCancel={onCancel}
          onNext={() => setStep(1)}
        />
      ) : (
        <Configured key={found.path} inspection={found} step={step} onStep={setStep} onCancel={onCancel} />
      )}
      <Confirm
        open={isLeaving}
        onClose={() => setLeaving(false)}
        onConfirm={leave}
        title={texts.cancelTitle}
        action={texts.cancelAction}
      >
        <p>{texts.cancelText}</p>
      </Confirm>
    </>
  )
}

interface ConfiguredProps {
  readonly inspection: Inspection
  readonly step: Step
  readonly onStep: (step: Step) => void
  readonly onCancel: () => void
}

/** The steps after the folder is chosen. Another folder begins them anew. */
function Configured(props: ConfiguredProps) {
  const { inspection } = props
  const target = { path: inspection.path }
  const infos = useAnswer('backends', 0, (host, signal) => host.backend.describe(undefined, { signal }))
  const saved = useAnswer(`backend of ${inspection.path}`, 0, (host, signal) =>
    host.backend.values({ target }, { signal }),
  )
  const failed = [infos, saved].find(answer => answer.error !== null && answer.value === null)
  if (failed !== undefined) return <Failed answer={failed} {...props} />
  if (infos.value === null || saved.value === null) return null
  return <Steps {...props} infos={infos.value} saved={saved.value} />
}

function Failed({
  answer,
  step,
  onStep,
  onCancel,
}: ConfiguredProps & { readonly answer: Pick<Answer<unknown>, 'error' | 'again'> }) {
  return (
    <StepFrame step={step} title={texts.databaseTitle} onCancel={onCancel} onBack={() => onStep(0)}>
      <LoadFailure error={answer.error} again={answer.again} />
    </StepFrame>
  )
}

interface StepsProps extends ConfiguredProps {
  readonly infos: readonly BackendInfo[]
  readonly saved: SavedBackend
}

function Steps({ inspection, infos, saved, step, onStep, onCancel }: StepsProps) {
  const target = { path: inspection.path }
  const begin = patternsOf(inspection)
  const [patterns, setPatterns] = useState<PatternsDraft>(begin)
  const form = useForm<BackendForm>({
    resolver: zodResolver(formSchema(infos, saved)),
    defaultValues: formOf(saved),
    mode: 'onTouched',
  })
  const values = useWatch({ control: form.control, compute: (value: BackendForm) => value })
  const info =
    infos.find(each => each.kind === values.kind) ?? infos.find(each => each.kind === FIRST_BACKEND)
  const test = useConnectionTest()
  const backend = info === undefined ? null : draftOf(values, saved, info)
  // A good test says nothing about what is typed after it.
  const backendText = JSON.stringify(backend)
  const tested = useRef(backendText)
  const { forget } = test
  const forgetNow = useRef(forget)
  useEffect(() => {
    forgetNow.current = forget
  })
  useEffect(() => {
    if (tested.current === backendText) return
    tested.current = backendText
    forgetNow.current()
  }, [backendText])
  if (info === undefined || backend === null) return null
  // What is there and was not edited is not written again.
  const isKept = inspection.config?.fault === null && isSameDraft(patterns, begin)
  const draft: SetupDraft = { path: inspection.path, patterns: isKept ? null : cleaned(patterns), backend }
  const frame = { step, onCancel }
  switch (step) {
    case 0:
      return null
    case 1:
      return (
        <FilesStep
          frame={frame}
          inspection={inspection}
          patterns={patterns}
          onPatterns={setPatterns}
          onBack={() => onStep(0)}
          onNext={() => onStep(2)}
        />
      )
    case 2:
      return (
        <DatabaseStep
          frame={frame}
          control={form.control}
          infos={infos}
          info={info}
          saved={saved}
          inUse={inspection.env.variables.length > 0 ? saved.kind : null}
          target={target}
          draft={backend}
          test={test}
          onTest={() => {
            void form.handleSubmit(() => test.start(target, backend))()
          }}
          onBack={() => onStep(1)}
          onNext={() => onStep(3)}
        />
      )
    case 3:
      return <StartStep frame={frame} name={inspection.name} draft={draft} onBack={() => onStep(2)} />
  }
}

function patternsOf({ config, suggested }: Inspection): PatternsDraft {
  if (config === null || config.fault !== null) return suggested
  return { shared: config.shared, private: config.private }
}
