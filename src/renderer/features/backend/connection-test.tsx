/** Tries the connection with what stands in the form, step by step; nothing is saved. */
import { CircleCheck, CircleDashed, CircleX, LoaderCircle, PlugZap } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { BackendDraft, Target, TestStep } from '../../../contract/backend.ts'
import { failureText, isAbort } from '../../connection/failure.ts'
import { host } from '../../connection/host.ts'
import { useUnderHome } from '../../store/app.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { Card } from '../../ui/page.tsx'

const texts = strings.backend

export interface TestRun {
  readonly state: 'none' | 'running' | 'ok' | 'failed'
  readonly steps: readonly TestStep[]
  /** The step that is under way. */
  readonly current: string | null
  readonly failure: string | null
  /** Which promises are weaker with this database. */
  readonly caveats: readonly string[]
}

const NO_RUN: TestRun = { state: 'none', steps: [], current: null, failure: null, caveats: [] }

interface Test {
  readonly run: TestRun
  readonly start: (target: Target, draft: BackendDraft) => void
  readonly stop: () => void
  /** What was tested is no longer what stands in the form. */
  readonly forget: () => void
}

export function useConnectionTest(): Test {
  const [run, setRun] = useState(NO_RUN)
  const running = useRef<AbortController | null>(null)
  const stop = useCallback(() => {
    running.current?.abort()
    running.current = null
  }, [])
  useEffect(() => stop, [stop])
  const start = (target: Target, draft: BackendDraft) => {
    stop()
    const aborted = new AbortController()
    running.current = aborted
    const update = (change: (before: TestRun) => TestRun) => {
      if (!aborted.signal.aborted) setRun(change)
    }
    setRun({ ...NO_RUN, state: 'running' })
    follow(target, draft, aborted.signal, update).catch((error: unknown) => {
      if (isAbort(error)) return
      update(before => ({ ...before, state: 'failed', current: null, failure: failureText(error) }))
    })
  }
  return {
    run,
    start,
    stop: () => {
      stop()
      setRun(NO_RUN)
    },
    forget: () => {
      stop()
      setRun(NO_RUN)
    },
  }
}

async function follow(
  target: Target,
  draft: BackendDraft,
  signal: AbortSignal,
  update: (change: (before: TestRun) => TestRun) => void,
): Promise<void> {
  for await (const event of await host().backend.test({ target, draft }, { signal })) {
    if (event.type === 'start') update(before => ({ ...before, current: event.step }))
    if (event.type === 'step')
      update(before => ({ ...before, current: null, steps: [...before.steps, event.step] }))
    if (event.type === 'done') {
      const { ok, caveats } = event
      update(before => ({ ...before, current: null, state: ok ? 'ok' : 'failed', caveats }))
    }
  }
}

interface ConnectionTestProps {
  readonly run: TestRun
  readonly onStart: () => void
  readonly onStop: () => void
}

export function ConnectionTest({ run, onStart, onStop }: ConnectionTestProps) {
  const isRunning = run.state === 'running'
  return (
    <div>
      <div className="flex items-center gap-3">
        <Button icon={PlugZap} busy={isRunning} onClick={onStart}>
          {isRunning ? texts.testing : run.state === 'none' ? texts.test : texts.testAgain}
        </Button>
        {isRunning && (
          <Button kind="quiet" onClick={onStop}>
            {texts.stopTest}
          </Button>
        )}
        {run.state === 'none' && <p className="text-sm text-ink-3">{texts.testHint}</p>}
      </div>
      {run.state !== 'none' && (
        <Card className="mt-3 px-4 py-2">
          <ol aria-live="polite">
            {run.steps.map(step => (
              <Step key={step.step} step={step} />
            ))}
            {run.current !== null && (
              <li className="flex items-center gap-3 py-1.5 text-ink-2">
                <LoaderCircle
                  aria-hidden
                  className="size-4 shrink-0 animate-turn text-accent"
                  strokeWidth={2}
                />
                <span className="first-letter:uppercase">{run.current}</span>
              </li>
            )}
          </ol>
        </Card>
      )}
      {run.state === 'ok' && (
        <Callout live tone="ok" className="mt-3">
          {texts.testOk}
        </Callout>
      )}
      {run.caveats.length > 0 && (
        <Callout tone="info" className="mt-3" title={texts.caveats}>
          {run.caveats.map(caveat => (
            <p key={caveat}>{caveat}</p>
          ))}
        </Callout>
      )}
      {run.state === 'failed' && (
        <Callout live tone="bad" className="mt-3" title={texts.testFailed}>
          {run.failure ?? run.steps.find(step => step.status === 'failed')?.advice}
        </Callout>
      )}
    </div>
  )
}

function duration(ms: number): string {
  return ms < 1 ? '< 1 ms' : `${Math.round(ms)} ms`
}

const MARKS = {
  ok: { icon: CircleCheck, tone: 'text-ok', word: texts.stepOk },
  failed: { icon: CircleX, tone: 'text-bad', word: texts.stepFailed },
  skipped: { icon: CircleDashed, tone: 'text-ink-3', word: texts.stepSkipped },
} as const

function Step({ step }: { readonly step: TestStep }) {
  const { icon: Icon, tone, word } = MARKS[step.status]
  const shown = useUnderHome()
  return (
    <li className="flex items-start gap-3 py-1.5">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${tone}`} strokeWidth={2} />
      <div className="min-w-0 flex-1">
        <p>
          <span className="mr-2 inline-block font-medium first-letter:uppercase">{step.step}</span>
          <span className="sr-only">{word}.</span>
          <span className="break-words text-ink-2">{shown(step.message)}</span>
        </p>
      </div>
      {step.ms !== null && <span className="shrink-0 text-sm text-ink-3">{duration(step.ms)}</span>}
    </li>
  )
}
