/** What is around each step: where one is, the step's own heading (which takes the focus), and the ways on. */
import { Check } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'

const texts = strings.setup

export type Step = 0 | 1 | 2 | 3

export interface Frame {
  readonly step: Step
  readonly onCancel: () => void
}

interface StepFrameProps extends Frame {
  readonly title: string
  readonly text?: string
  readonly onBack?: (() => void) | undefined
  /** The way on. */
  readonly primary?: ReactNode
  /** Beside the way on: why it is not open, or what it does. */
  readonly hint?: ReactNode
  readonly children: ReactNode
}

export function StepFrame({ step, title, text, onBack, onCancel, primary, hint, children }: StepFrameProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  // Each step begins at its heading.
  // oxlint-disable-next-line react/exhaustive-effect-dependencies
  useEffect(() => heading.current?.focus(), [step])
  return (
    <div className="flex h-full flex-col">
      <header className="flex items-center justify-between gap-6 border-b border-line px-8 py-4 max-[1000px]:px-6">
        <p className="font-semibold">{texts.title}</p>
        <StepMarks step={step} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="flex min-h-full max-w-[1056px] flex-col px-8 pt-8 pb-8 max-[1000px]:px-6">
          <p className="sr-only" role="status">
            {texts.stepOf(step + 1, texts.steps.length)}
          </p>
          <h1 ref={heading} tabIndex={-1} className="text-xl font-semibold tracking-[-0.014em] outline-none">
            {title}
          </h1>
          {text !== undefined && <p className="mt-1 text-ink-2">{text}</p>}
          <div className="mt-6 flex min-h-0 flex-1 flex-col">{children}</div>
        </div>
      </div>
      <footer className="flex items-center gap-2 border-t border-line bg-canvas px-8 py-4 max-[1000px]:px-6">
        <Button kind="quiet" onClick={onCancel} className="-ml-3">
          {strings.common.cancel}
        </Button>
        <div className="min-w-0 flex-1 truncate text-right text-sm text-ink-2">{hint}</div>
        {onBack !== undefined && <Button onClick={onBack}>{strings.common.back}</Button>}
        {primary}
      </footer>
    </div>
  )
}

function StepMarks({ step }: { readonly step: Step }) {
  return (
    <ol className="flex items-center gap-2 text-sm">
      {texts.steps.map((name, index) => (
        <li key={name} aria-current={index === step ? 'step' : undefined} className="flex items-center gap-2">
          {index > 0 && <span aria-hidden className="h-px w-5 bg-line-strong max-[1000px]:w-3" />}
          <span
            aria-hidden
            className={cx(
              'flex size-5 items-center justify-center rounded-full text-xs font-semibold',
              index < step && 'bg-accent-soft text-accent',
              index === step && 'bg-accent text-on-accent',
              index > step && 'border border-line-strong text-ink-3',
            )}
          >
            {index < step ? <Check className="size-3" strokeWidth={3} /> : index + 1}
          </span>
          <span className={index === step ? 'font-medium' : 'text-ink-3'}>{name}</span>
        </li>
      ))}
    </ol>
  )
}
