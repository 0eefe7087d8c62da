/** The values or lines that both sides changed: one choice for each, the rest is merged already. */
import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import type { Doubt } from '../../../contract/conflicts.ts'
import { strings } from '../../strings.ts'
import { cx } from '../../ui/cx.ts'
import { Summary } from '../../ui/summary.tsx'
import { TextDiff } from '../../ui/text-diff.tsx'

const texts = strings.conflict

/** Two values cannot stand in one place; lines can, one after the other. */
const SIDES = { json: ['local', 'remote', 'base'], text: ['local', 'remote', 'both', 'base'] } as const
export type DoubtSide = (typeof SIDES)['text'][number]

const NAMES: Readonly<Record<DoubtSide, string>> = {
  local: texts.mine,
  remote: texts.theirs,
  base: texts.base,
  both: texts.bothLines,
}

/** With so few places there is room to show the rest, too. */
const FEW = 3

interface DoubtsProps {
  readonly doubts: readonly Doubt[]
  /** This device's whole text, and what is merged without a doubt; to show what comes with any choice. */
  readonly local: string | null
  readonly merged: string | null
  readonly choices: ReadonlyMap<string, DoubtSide>
  readonly onChoose: (pointer: string, side: DoubtSide) => void
}

export function Doubts({ doubts, local, merged, choices, onChoose }: DoubtsProps) {
  const hasRest = merged !== null
  return (
    <div>
      <h3 className="font-semibold">{texts.doubts(doubts.length)}</h3>
      {hasRest && <p className="mt-0.5 text-ink-2">{texts.doubtsDetail}</p>}
      <div className="mt-4 flex flex-col gap-4">
        {doubts.map(doubt => (
          <Place
            key={doubt.pointer}
            doubt={doubt}
            chosen={choices.get(doubt.pointer) ?? null}
            onChoose={side => onChoose(doubt.pointer, side)}
          />
        ))}
      </div>
      {merged !== null && local !== null && merged !== local && (
        <details className="group mt-6" open={doubts.length <= FEW}>
          <Summary>{texts.restTitle}</Summary>
          <div className="mt-3">
            <TextDiff before={local} after={merged} label={texts.restTitle} />
          </div>
        </details>
      )}
    </div>
  )
}

/** Lines have no name of their own, only a place. */
function nameOf({ pointer, line }: Doubt): string {
  if (line !== null) return texts.line(line)
  return pointer === '' ? texts.wholeFile : pointer
}

function textOf({ local, remote, ...doubt }: Doubt, side: DoubtSide): string | null {
  if (side === 'both') return `${local ?? ''}${remote ?? ''}`
  return { local, remote, base: doubt.base }[side]
}

interface PlaceProps {
  readonly doubt: Doubt
  readonly chosen: DoubtSide | null
  readonly onChoose: (side: DoubtSide) => void
}

function Place({ doubt, chosen, onChoose }: PlaceProps) {
  const name = nameOf(doubt)
  const sides = SIDES[doubt.kind === 'text' ? 'text' : 'json']
  return (
    <section>
      <h4 className="pb-1.5 font-mono text-sm break-all">{name}</h4>
      <RadioGroup
        aria-label={name}
        value={chosen}
        onValueChange={next => {
          const side = sides.find(each => each === next)
          if (side !== undefined) onChoose(side)
        }}
        className={cx('grid gap-3', sides.length === 4 ? 'grid-cols-2' : 'grid-cols-3')}
      >
        {sides.map(side => (
          <Option key={side} side={side} text={textOf(doubt, side)} none={noneOf(doubt)} />
        ))}
      </RadioGroup>
    </section>
  )
}

/** What is said of a side that has nothing here. */
function noneOf(doubt: Doubt): string {
  return doubt.kind === 'text' ? texts.noLines : texts.noValue
}

interface OptionProps {
  readonly side: DoubtSide
  readonly text: string | null
  readonly none: string
}

function Option({ side, text, none }: OptionProps) {
  const isNothing = text === null || text === ''
  return (
    <label className="flex min-w-0 items-start gap-2.5 rounded-lg border border-line px-3 py-2.5 transition-colors duration-100 hover:border-line-strong has-data-checked:border-accent has-data-checked:bg-accent-soft">
      <Radio.Root
        value={side}
        className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-edge bg-raised data-checked:border-accent data-checked:bg-accent"
      >
        <Radio.Indicator className="size-1.5 rounded-full bg-on-accent" />
      </Radio.Root>
      <span className="min-w-0 flex-1">
        <span className="block text-sm text-ink-3">{NAMES[side]}</span>
        <span
          className={cx(
            'mt-0.5 block max-h-40 overflow-y-auto font-mono text-sm break-words whitespace-pre-wrap',
            isNothing && 'text-ink-3 italic',
          )}
        >
          {isNothing ? none : text}
        </span>
      </span>
    </label>
  )
}
