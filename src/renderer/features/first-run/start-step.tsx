/** Exactly what will happen: file by file, and what is written into the project. Then, and only then, it starts. */
import {
  ArrowDownToLine,
  ArrowUpFromLine,
  CircleCheck,
  Equal,
  GitMerge,
  GitCompareArrows,
  Hand,
  type LucideIcon,
  Trash2,
} from 'lucide-react'
import { useState } from 'react'
import type { PlanAction, PlanPage } from '../../../contract/plan.ts'
import type { SetupDraft } from '../../../contract/setup.ts'
import type { FileDiff } from '../../../contract/words.ts'
import { staleData } from '../../connection/failure.ts'
import { count } from '../../format/quantity.ts'
import { folderRoute, go } from '../../store/route.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { cx } from '../../ui/cx.ts'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { Card } from '../../ui/page.tsx'
import { PathText } from '../../ui/path-text.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { note, noteError } from '../../ui/toasts.tsx'
import { FileDiffs } from '../backend/file-diffs.tsx'
import { type Frame, StepFrame } from './step-frame.tsx'

const texts = strings.setup

const ACTIONS = [
  'push',
  'pull',
  'merge',
  'conflict',
  'hold',
  'delete-local',
  'delete-remote',
  'adopt',
] as const satisfies readonly PlanAction[]

const ICONS: Readonly<Record<PlanAction, readonly [LucideIcon, string]>> = {
  push: [ArrowUpFromLine, 'text-accent'],
  pull: [ArrowDownToLine, 'text-accent'],
  merge: [GitMerge, 'text-accent'],
  conflict: [GitCompareArrows, 'text-warn'],
  hold: [Hand, 'text-warn'],
  'delete-local': [Trash2, 'text-bad'],
  'delete-remote': [Trash2, 'text-bad'],
  adopt: [Equal, 'text-ok'],
}
const SHOWN = 500

interface StartStepProps {
  readonly frame: Frame
  readonly name: string
  readonly draft: SetupDraft
  readonly onBack: () => void
}

export function StartStep({ frame, name, draft, onBack }: StartStepProps) {
  const { path, patterns, backend } = draft
  const [shown, setShown] = useState<PlanAction | null>(null)
  const [fresh, setFresh] = useState<{ files: FileDiff[]; token: string } | null>(null)
  const work = useWork()
  const subject = JSON.stringify(draft)
  const plan = useAnswer(`plan ${subject}`, 0, (host, signal) =>
    host.plan.preview({ target: { path }, patterns, backend, limit: SHOWN }, { signal }),
  )
  const planId = plan.value?.planId ?? null
  const filtered = useAnswer(
    planId === null || shown === null ? null : `rows ${planId} ${shown}`,
    0,
    (host, signal) =>
      host.plan.preview(
        { target: { path }, patterns, backend, planId, actions: shown === null ? [] : [shown], limit: SHOWN },
        { signal },
      ),
  )
  const writes = useAnswer(`writes ${subject}`, 0, (host, signal) =>
    host.setup.previewStart(draft, { signal }),
  )
  const current = fresh ?? writes.value
  const start = () => {
    if (current === null) return
    work.run(
      host => host.setup.start({ ...draft, token: current.token }),
      ({ id }) => {
        note(texts.started(name))
        go(folderRoute(id))
      },
      error => {
        const { files, token } = staleData(error) ?? {}
        if (files === undefined || token === undefined) return false
        setFresh({ files, token })
        noteError(texts.stale)
        return true
      },
    )
  }
  const page = shown === null ? plan.value : filtered.value
  return (
    <StepFrame
      {...frame}
      title={texts.startTitle}
      text={texts.startText}
      onBack={onBack}
      primary={
        <Button
          kind="primary"
          disabled={current === null || plan.value === null}
          busy={work.isBusy}
          onClick={start}
        >
          {texts.start}
        </Button>
      }
    >
      {work.failure !== null && (
        <Callout live tone="bad" title={strings.failure.title} className="mb-5">
          {work.failure}
        </Callout>
      )}
      {plan.error !== null && plan.value === null && <LoadFailure error={plan.error} again={plan.again} />}
      {plan.value === null && plan.error === null && <Waiting>{texts.planWait}</Waiting>}
      {plan.value !== null && (
        <Plan
          plan={plan.value}
          page={page}
          shown={shown}
          onShow={action => setShown(shown === action ? null : action)}
        />
      )}
      <section className="mt-8">
        <h2 className="pb-3 font-semibold">{texts.writes}</h2>
        {writes.error !== null && current === null && (
          <LoadFailure error={writes.error} again={writes.again} />
        )}
        {current !== null && <FileDiffs files={current.files} />}
      </section>
    </StepFrame>
  )
}

interface PlanProps {
  readonly plan: PlanPage
  readonly page: PlanPage | null
  readonly shown: PlanAction | null
  readonly onShow: (action: PlanAction) => void
}

function Plan({ plan, page, shown, onShow }: PlanProps) {
  const present = ACTIONS.filter(action => plan.counts[action] > 0)
  return (
    <>
      {present.length === 0 ? (
        <Callout tone="ok" icon={CircleCheck} title={texts.planNothing}>
          {texts.planNothingDetail}
        </Callout>
      ) : (
        <div role="group" aria-label={texts.planList} className="flex flex-wrap gap-3">
          {present.map(action => (
            <Count
              key={action}
              action={action}
              number={plan.counts[action]}
              isOn={shown === action}
              onClick={() => onShow(action)}
            />
          ))}
        </div>
      )}
      {plan.problems.map(problem => (
        <Callout
          key={`${problem.code} ${problem.path ?? ''}`}
          tone="warn"
          className="mt-4"
          title={problem.path ?? undefined}
        >
          {problem.message}
        </Callout>
      ))}
      {present.length > 0 && page !== null && <Rows page={page} />}
    </>
  )
}

interface CountProps {
  readonly action: PlanAction
  readonly number: number
  readonly isOn: boolean
  readonly onClick: () => void
}

function Count({ action, number, isOn, onClick }: CountProps) {
  const [Icon, tone] = ICONS[action]
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onClick}
      className={cx(
        'flex min-w-36 items-center gap-3 rounded-lg border px-4 py-3 text-left transition-colors duration-100',
        isOn ? 'border-accent bg-accent-soft' : 'border-line bg-raised hover:border-line-strong',
      )}
    >
      <Icon aria-hidden className={cx('size-5', tone)} strokeWidth={1.75} />
      <span>
        <span className="block text-xl font-semibold">{count(number)}</span>
        <span className="block text-sm text-ink-2">{texts.planCounts[action]}</span>
      </span>
    </button>
  )
}

function Rows({ page }: { readonly page: PlanPage }) {
  return (
    <Card className="mt-4 overflow-hidden">
      <ul
        // The list scrolls by the keyboard too.
        tabIndex={0}
        aria-label={texts.planList}
        className="max-h-72 divide-y divide-line overflow-y-auto outline-offset-[-2px]"
      >
        {page.rows.map(row => {
          const [Icon, tone] = ICONS[row.action]
          return (
            <li
              key={`${row.channel} ${row.path}`}
              className="grid grid-cols-[16px_minmax(0,1fr)_auto] items-center gap-x-3 px-4 py-2"
            >
              <Icon aria-hidden className={cx('size-4', tone)} strokeWidth={1.75} />
              <PathText path={row.path} />
              <span className="text-sm text-ink-3">
                {strings.plan.actions[row.action]}
                {row.channel === 'private' && ` · ${strings.common.private}`}
              </span>
            </li>
          )
        })}
        {page.total > page.rows.length && (
          <li className="px-4 py-2 text-sm text-ink-3">
            {strings.common.andMore(page.total - page.rows.length)}
          </li>
        )}
      </ul>
    </Card>
  )
}
