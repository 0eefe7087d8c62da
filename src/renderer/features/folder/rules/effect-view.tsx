/** What an edit of the rules would change, file by file, before it is saved. */
import { ChevronRight, CirclePlus, CircleMinus, Lock, type LucideIcon, Scale, Users } from 'lucide-react'
import { shownText } from '../../../../contract/shown.ts'
import type { PathList, RulesEffect } from '../../../../contract/rules.ts'
import { count } from '../../../format/quantity.ts'
import type { Answer } from '../../../store/use-answer.ts'
import { strings } from '../../../strings.ts'
import { Callout } from '../../../ui/callout.tsx'
import { cx } from '../../../ui/cx.ts'
import { DiffLines } from '../../../ui/diff-lines.tsx'
import { LoadFailure } from '../../../ui/load-failure.tsx'
import { PathText } from '../../../ui/path-text.tsx'
import { Waiting } from '../../../ui/spinner.tsx'

const texts = strings.rules

interface EffectViewProps {
  /** Null where nothing is edited. */
  readonly effect: Answer<RulesEffect> | null
  readonly isText: boolean
}

export function EffectView({ effect, isText }: EffectViewProps) {
  return (
    <section aria-label={texts.effect} className="min-w-0 rounded-lg border border-line bg-sunken p-5">
      <h2 className="font-semibold">{texts.effect}</h2>
      <div className="mt-3" aria-live="polite">
        {effect === null ? (
          <p className="text-ink-2">{texts.noEffectDetail}</p>
        ) : (
          <Effect effect={effect} isText={isText} />
        )}
      </div>
    </section>
  )
}

function Effect({
  effect: { value, error, again },
  isText,
}: {
  readonly effect: Answer<RulesEffect>
  readonly isText: boolean
}) {
  if (value === null) {
    return error === null ? (
      <Waiting>{strings.common.loading}</Waiting>
    ) : (
      <LoadFailure error={error} again={again} />
    )
  }
  if (value.fault !== null) {
    return isText || value.fault.list !== null ? (
      <p className="text-bad">{shownText(value.fault.reason)}</p>
    ) : (
      <Callout tone="bad">{value.fault.reason}</Callout>
    )
  }
  const moved = [value.starts, value.stops, value.becomesPrivate, value.becomesShared]
  return (
    <div className="flex flex-col gap-2">
      {moved.every(list => list.total === 0) && (
        <p className="flex items-center gap-2 text-ink-2">
          <Scale aria-hidden className="size-4 text-ink-3" strokeWidth={1.75} />
          {texts.nothingMoves}
        </p>
      )}
      <Moved icon={CirclePlus} tone="text-ok" label={texts.starts} list={value.starts} />
      <Moved
        icon={CircleMinus}
        tone="text-warn"
        label={texts.stops}
        hint={texts.stopsHint}
        list={value.stops}
      />
      <Moved icon={Lock} tone="text-accent" label={texts.becomesPrivate} list={value.becomesPrivate} />
      <Moved icon={Users} tone="text-accent" label={texts.becomesShared} list={value.becomesShared} />
      {value.warnings.map(warning => (
        <Callout key={warning} tone="warn">
          {warning}
        </Callout>
      ))}
      {value.problems.map(problem => (
        <Callout key={`${problem.code} ${problem.path ?? ''}`} tone="warn" title={problem.path ?? undefined}>
          {problem.message}
        </Callout>
      ))}
      {value.diff !== null && value.diff.kind !== 'unchanged' && (
        <div className="mt-3">
          <h3 className="pb-2 text-sm font-medium text-ink-2">{texts.difference}</h3>
          <DiffLines lines={value.diff.lines} label={texts.difference} />
        </div>
      )}
    </div>
  )
}

interface MovedProps {
  readonly icon: LucideIcon
  readonly tone: string
  readonly label: string
  readonly hint?: string
  readonly list: PathList
}

function Moved({ icon: Icon, tone, label, hint, list }: MovedProps) {
  if (list.total === 0) return null
  return (
    <details open={list.total <= 8} className="group rounded-lg border border-line bg-raised">
      <summary className="flex h-10 list-none items-center gap-2.5 rounded-lg px-3">
        <Icon aria-hidden className={cx('size-4 shrink-0', tone)} strokeWidth={2} />
        <span className="flex-1 font-medium">{label}</span>
        <span className="text-ink-2">{count(list.total)}</span>
        <ChevronRight
          aria-hidden
          className="size-4 text-ink-3 transition-transform duration-100 group-open:rotate-90"
          strokeWidth={1.75}
        />
      </summary>
      <div className="border-t border-line py-1.5">
        {hint !== undefined && <p className="px-3 py-1 text-sm text-ink-2">{hint}</p>}
        <ul className="max-h-64 overflow-y-auto">
          {list.paths.map(path => (
            <li key={path} className="px-3 py-0.5 text-sm">
              <PathText path={path} />
            </li>
          ))}
        </ul>
        {list.total > list.paths.length && (
          <p className="px-3 py-1 text-sm text-ink-3">
            {strings.common.andMore(list.total - list.paths.length)}
          </p>
        )}
      </div>
    </details>
  )
}
